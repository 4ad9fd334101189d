import { badInput, type ApiError } from '../shared/errors';

const FIELD = 'Back URL';
/** Browsers and URL parsers drop or rewrite these, so that two of them see two different hosts. */
const AMBIGUOUS = /[\p{Cc}\s\\]/u;

/**
 * The back URL, if it may be used. Links often come from a webhook, that is from anybody.
 * @param allowedHosts Separated by commas; `*.example.com` is any host below; undefined allows all.
 * @throws ApiError
 */
export function checkedBackUrl(backUrl: string, allowedHosts: string | undefined): string {
	if (AMBIGUOUS.test(backUrl) || !URL.canParse(backUrl)) throw notAnAddress();
	const { protocol, hostname, host, username, password } = new URL(backUrl);
	if (protocol !== 'https:' && protocol !== 'http:') throw notAnAddress();
	if (username !== '' || password !== '') {
		throw badInput(FIELD, 'has a user name in it', 'Remove everything up to the @ sign.');
	}
	if (allowedHosts === undefined || isAllowed(allowedHosts, host, hostname)) return backUrl;
	throw badInput(
		FIELD,
		`leads to a host that is not allowed: ${host.slice(0, 100)}`,
		'If this host is yours, add it to Allowed Back URL Hosts under Options.',
	);
}

function isAllowed(allowedHosts: string, host: string, hostname: string): boolean {
	const entries = allowedHosts
		.toLowerCase()
		.split(',')
		.map(
			(entry) =>
				entry
					.trim()
					.replace(/^https?:\/\//, '')
					.split('/', 1)[0],
		)
		.filter(Boolean);
	// An expression that gives nothing must not open the door to all hosts.
	if (entries.length === 0) {
		throw badInput(
			'Allowed Back URL Hosts',
			'is empty',
			'Enter at least one host, or remove the option to allow all hosts.',
		);
	}
	return entries.some((entry) => entry === host || covers(entry, hostname));
}

function covers(entry: string, hostname: string): boolean {
	return entry.startsWith('*.') ? hostname.endsWith(entry.slice(1)) : entry === hostname;
}

function notAnAddress(): ApiError {
	return badInput(
		FIELD,
		'is not a web address',
		'Enter a full address that begins with https://, without spaces and line breaks.',
	);
}
