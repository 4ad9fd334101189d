import { createHash } from 'node:crypto';
import { isObject, parseJson, valueAt } from './json';

/** What was pasted as a key: the key itself, and what stands beside it. */
export interface KeyFile {
	/** PEM, or a text. */
	readonly key: string;
	/** In the place of the key: a JWK (RFC 7517). */
	readonly jwk?: Readonly<Record<string, unknown>>;
	readonly issuer?: string;
	readonly subject?: string;
	readonly keyId?: string;
	readonly passphrase?: string;
	/** Of a certificate that was pasted with the key (RFC 7515, 4.1.7 and 4.1.8). */
	readonly thumbprints?: { readonly x5t: string; readonly 'x5t#S256': string };
}

/** Where key files have it: Google, Yandex, Zitadel, Box; `kid` is a JWK's. */
const PLACES = {
	key: ['private_key', 'privateKey', 'key', 'boxAppSettings.appAuth.privateKey'],
	issuer: ['client_email', 'service_account_id', 'userId', 'boxAppSettings.clientID'],
	subject: ['userId', 'enterpriseID'],
	keyId: ['private_key_id', 'keyId', 'boxAppSettings.appAuth.publicKeyID', 'kid', 'id'],
	passphrase: ['boxAppSettings.appAuth.passphrase'],
} as const;

/** Reads a private key as PEM or JWK (also one of a set), a provider's whole key file, or a shared secret. */
export function readKeyFile(text: string): KeyFile {
	const json = text.trimStart().startsWith('{') ? parseJson(text) : undefined;
	if (!isObject(json)) return { key: text, ...ghost(text), ...thumbprintsOf(text) };
	const keys: unknown[] = Array.isArray(json.keys) ? json.keys : [json];
	const file = keys.find((one) => isObject(one) && one.d !== undefined) ?? keys[0];
	const found = (place: keyof typeof PLACES) =>
		PLACES[place]
			.map((path) => valueAt(file, path))
			.find((value) => typeof value === 'string' && value !== '') as string | undefined;
	const inside = found('key');
	return {
		key: inside ?? text,
		...(inside === undefined && isObject(file) ? { jwk: file } : {}),
		issuer: found('issuer'),
		subject: found('subject'),
		keyId: found('keyId'),
		passphrase: found('passphrase'),
	};
}

/** Ghost hands out `id:secret`, both in hexadecimal digits. */
function ghost(text: string): Pick<KeyFile, 'keyId'> & { key?: string } {
	const [, keyId, key] = /^([0-9a-f]{16,64}):([0-9a-f]{32,256})$/i.exec(text.trim()) ?? [];
	return key === undefined ? {} : { keyId, key };
}

function thumbprintsOf(text: string): Pick<KeyFile, 'thumbprints'> {
	const start = text.indexOf('-----BEGIN CERTIFICATE-----');
	const end = text.indexOf('-----END CERTIFICATE-----', start);
	if (start === -1 || end === -1) return {};
	const body = text
		.slice(start + 27, end)
		.replaceAll('\\n', '')
		.replace(/\s/g, '');
	const der = Buffer.from(body, 'base64');
	const hash = (name: string) => createHash(name).update(der).digest('base64url');
	return { thumbprints: { x5t: hash('sha1'), 'x5t#S256': hash('sha256') } };
}
