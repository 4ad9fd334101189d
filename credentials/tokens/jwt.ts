import { constants, createHmac, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { isObject, parseJson, valueAt } from './json';

/** RFC 7518, 3.1 and RFC 8037; `auto`: the usual one for the kind of the key. */
export const JWT_ALGORITHMS = [
	...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
	...['ES256', 'ES384', 'ES512', 'EdDSA', 'HS256', 'HS384', 'HS512'],
] as const;

/** How a shared secret is written. A private key says so by itself. */
export type SecretEncoding = 'text' | 'hex' | 'base64';

/** What a JWT is signed with. */
export interface SigningKey {
	/** A private key as PEM (its line breaks may be lost, or written as `\n`) or JWK, a key file of Google, or a shared secret. */
	readonly key: string;
	/** Of an encrypted private key. */
	readonly passphrase?: string;
	readonly encoding?: SecretEncoding;
	/** One of `JWT_ALGORITHMS`, or `auto`. */
	readonly algorithm: string;
}

/**
 * Signs a JWT (RFC 7515, compact).
 *
 * @param header Added to `alg` and `typ`; values that are undefined are left out.
 * @throws Error in a person's words, without any part of the key, where the key cannot be read or does not fit.
 */
export function signJwt(
	key: SigningKey,
	header: Readonly<Record<string, unknown>>,
	claims: Readonly<Record<string, unknown>>,
): string {
	const [algorithm, signed] = signer(key);
	const text = [{ alg: algorithm, typ: 'JWT', ...header }, claims].map(encoded).join('.');
	return `${text}.${signed(text).toString('base64url')}`;
}

/** What a key file of Google or a JWK says beside the key: who signs, which key it is. */
export function keyFile(key: string): { issuer?: string; keyId?: string } {
	const json = key.trimStart().startsWith('{') ? parseJson(key) : undefined;
	const text = (name: string) => {
		const value = valueAt(json, name);
		return typeof value === 'string' && value !== '' ? value : undefined;
	};
	return { issuer: text('client_email'), keyId: text('private_key_id') ?? text('kid') };
}

function encoded(part: unknown): string {
	return Buffer.from(JSON.stringify(part)).toString('base64url');
}

type Signer = readonly [algorithm: string, (text: string) => Buffer];

function signer({ key, passphrase, encoding = 'text', algorithm }: SigningKey): Signer {
	if (algorithm.startsWith('HS') || (algorithm === 'auto' && !isPrivateKey(key))) {
		const shared = algorithm === 'auto' ? 'HS256' : algorithm;
		if (!/^HS(256|384|512)$/.test(shared)) throw new Error('The algorithm is not known.');
		const secret = secretBytes(key, encoding);
		return [shared, (text) => createHmac(hash(shared), secret).update(text).digest()];
	}
	const privateKey = readPrivateKey(key, passphrase);
	const usual = usualAlgorithm(privateKey);
	if (usual === undefined) throw new Error('The key is of a kind that signs no JWT.');
	const chosen = algorithm === 'auto' ? usual : algorithm;
	// RSA keys fit six algorithms, all others one.
	const fits = usual === 'RS256' ? /^[RP]S(256|384|512)$/.test(chosen) : chosen === usual;
	if (!fits) throw new Error(`The key does not fit the algorithm ${chosen}; it fits ${usual}.`);
	if (chosen === 'EdDSA') return [chosen, (text) => sign(null, Buffer.from(text), privateKey)];
	const how = chosen.startsWith('PS')
		? {
				padding: constants.RSA_PKCS1_PSS_PADDING,
				saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
			}
		: // RFC 7518, 3.4: both numbers side by side, not in DER.
			chosen.startsWith('ES')
			? { dsaEncoding: 'ieee-p1363' as const }
			: {};
	return [chosen, (text) => sign(hash(chosen), Buffer.from(text), { key: privateKey, ...how })];
}

function hash(algorithm: string): string {
	return `sha${algorithm.slice(-3)}`;
}

const CURVES: Readonly<Record<string, string>> = {
	prime256v1: 'ES256',
	secp384r1: 'ES384',
	secp521r1: 'ES512',
};

function usualAlgorithm({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
	switch (asymmetricKeyType) {
		case 'rsa':
			return 'RS256';
		case 'ec':
			return CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
		case 'ed25519':
		case 'ed448':
			return 'EdDSA';
		default:
			return undefined;
	}
}

function isPrivateKey(key: string): boolean {
	return (
		key.includes('-----BEGIN ') || (key.trimStart().startsWith('{') && isObject(parseJson(key)))
	);
}

function readPrivateKey(text: string, passphrase: string | undefined): KeyObject {
	const key = parsedKey(text, passphrase);
	if (key !== undefined) return key;
	throw new Error(
		/ENCRYPTED/.test(text)
			? 'The key could not be read. It is encrypted: its passphrase belongs into Further Secret.'
			: 'The key could not be read as a private key.',
	);
}

function parsedKey(text: string, passphrase: string | undefined): KeyObject | undefined {
	const json = text.trimStart().startsWith('{') ? parseJson(text) : undefined;
	const inside = valueAt(json, 'private_key') ?? valueAt(json, 'privateKey');
	try {
		if (isObject(json) && typeof inside !== 'string') {
			return createPrivateKey({ key: json, format: 'jwk' });
		}
		const key = pem(typeof inside === 'string' ? inside : text);
		return createPrivateKey({ key, ...(passphrase ? { passphrase } : {}) });
	} catch {
		// OpenSSL's own words may hold a part of the key.
		return undefined;
	}
}

/** Puts back the line breaks that a JSON file writes as `\n` and that a field of one line drops. */
function pem(text: string): string {
	const plain = text.replaceAll('\\n', '\n').trim();
	const begin = plain.indexOf('-----BEGIN ');
	const label = plain.slice(begin + 11, plain.indexOf('-----', begin + 11));
	const start = `-----BEGIN ${label}-----`;
	const end = plain.indexOf(`-----END ${label}-----`);
	// Encrypted in the old way: its headers need their own line breaks, which cannot be guessed.
	if (begin === -1 || end === -1 || plain.includes('Proc-Type:')) return plain;
	const body = plain.slice(begin + start.length, end).replace(/\s/g, '');
	const lines = body.match(/.{1,64}/g) ?? [];
	return [start, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function secretBytes(key: string, encoding: SecretEncoding): Buffer {
	if (encoding === 'text') return Buffer.from(key);
	const text = key.replace(/\s/g, '');
	const hex = encoding === 'hex';
	if (!(hex ? /^([0-9a-f]{2})+$/i : /^[A-Za-z0-9+/_-]+=*$/).test(text)) {
		throw new Error(`The key is not written in ${hex ? 'hexadecimal digits' : 'Base64'}.`);
	}
	return Buffer.from(text, hex ? 'hex' : 'base64');
}
