import type { INodeProperties } from 'n8n-workflow';
import { ApiError } from '../../../shared/errors';
import type { Output } from '../../../shared/items';
import type { Operation } from '../../../shared/operations';
import { asText, collection, isObject, requiredText, text } from '../../../shared/parameters';
import { checkedBackUrl } from '../../backUrl';

/** Later than this a link that lives for 15 s is of no use to anybody. In ms. */
const TIMEOUT = 10_000;
/** What the documentation says, for a reply without `expiresIn`. In s. */
const DOCUMENTED_LIFETIME = 15;

const fields: INodeProperties[] = [
	{
		displayName:
			'The link is valid for 15 seconds. Hand it on at once, and place no slow node after this one.',
		name: 'lifetimeNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Back URL',
		name: 'backUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://www.example.com/account',
		description: 'Full address that Meister1 sends the user back to',
		hint: 'If the address comes from a webhook, set Allowed Back URL Hosts under Options',
	},
	{
		displayName: 'Account ID',
		name: 'accountId',
		type: 'string',
		required: true,
		default: '',
		description: 'The Meister1 account to sign the user in to',
	},
	{
		displayName: 'Locale',
		name: 'locale',
		type: 'string',
		default: 'de-de',
		placeholder: 'e.g. de-de',
		description: 'Language and country of the pages that the user sees',
	},
];

export const generate: Operation = {
	name: 'Generate',
	value: 'generate',
	action: 'Generate an SSO URL',
	description:
		'Create a single sign-on link that signs a user in to an account, valid for 15 seconds',
	fields,

	async run(call) {
		const { allowedHosts, output } = collection(call, 'options');
		const backUrl = checkedBackUrl(
			requiredText(call, 'backUrl', 'Back URL'),
			allowedHosts === undefined ? undefined : asText(allowedHosts, 'Allowed Back URL Hosts'),
		);
		const form = new URLSearchParams({
			backUrl,
			accountId: requiredText(call, 'accountId', 'Account ID'),
		});
		const locale = text(call, 'locale', 'Locale');
		if (locale !== '') form.set('locale', locale);

		const { body } = await call.session.send({
			method: 'POST',
			path: '/sso',
			body: form,
			timeout: TIMEOUT,
		});
		return [{ json: linkIn(body, output === 'redirect') }];
	},

	handOver({ json }: Output) {
		if (Date.now() < Date.parse(json.expiresAt as string)) return;
		throw new ApiError(
			'expired',
			'The SSO link was already too old when this node was done',
			`Meister1's links live for ${String(json.expiresIn)} seconds. Send fewer items through this node at once (one for each click of a user), or raise Concurrency under Options.`,
		);
	},
};

function linkIn(body: unknown, redirectReady: boolean) {
	if (!isObject(body) || typeof body.grantUrl !== 'string' || body.grantUrl === '') {
		throw new ApiError(
			'reply',
			"Meister1's reply holds no link",
			'Check the account ID, and that the user of the credential may sign users in to it.',
		);
	}
	const { grantUrl } = body;
	const lifetime = Number(body.expiresIn);
	const expiresIn = Number.isFinite(lifetime) && lifetime > 0 ? lifetime : DOCUMENTED_LIFETIME;
	const expiresAt = new Date(Date.now() + expiresIn * 1000).toISOString();
	if (!redirectReady) return { grantUrl, expiresIn, expiresAt };
	const headers = { location: grantUrl, 'cache-control': 'no-store' };
	return { statusCode: 302, headers, grantUrl, expiresIn, expiresAt };
}
