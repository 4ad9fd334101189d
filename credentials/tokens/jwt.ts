import {
	constants,
	createHmac,
	createPrivateKey,
	sign,
	type JsonWebKey,
	type KeyObject,
} from 'node:crypto';
import { type KeyFile, readKeyFile } from './keyFile';

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

function encoded(part: unknown): string {
	return Buffer.from(JSON.stringify(part)).toString('base64url');
}

type Signer = readonly [algorithm: string, (text: string) => Buffer];

function signer({ key, passphrase, encoding = 'text', algorithm }: SigningKey): Signer {
	const file = readKeyFile(key);
	const privateKey = readPrivateKey(file, passphrase);
	if (privateKey === undefined && (algorithm.startsWith('HS') || algorithm === 'auto')) {
		const shared = algorithm === 'auto' ? 'HS256' : algorithm;
		if (!/^HS(256|384|512)$/.test(shared)) throw new Error('The algorithm is not known.');
		const secret = file.jwk?.kty === 'oct' ? jwkBytes(file.jwk) : secretBytes(file.key, encoding);
		return [shared, (text) => createHmac(hash(shared), secret).update(text).digest()];
	}
	if (privateKey === undefined) throw new Error('The key could not be read as a private key.');
	const usual = usualAlgorithm(privateKey);
	if (usual === undefined) throw new Error('The key is of a kind that signs no JWT.');
	const chosen = algorithm === 'auto' ? usual : algorithm;
	// RSA keys fit six algorithms, those for PSS alone three, all others one.
	const fits =
		usual === 'RS256'
			? /^[RP]S(256|384|512)$/.test(chosen)
			: usual === 'PS256'
				? /^PS(256|384|512)$/.test(chosen)
				: chosen === usual;
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
		case 'rsa-pss':
			return 'PS256';
		case 'ec':
			return CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
		case 'ed25519':
		case 'ed448':
			return 'EdDSA';
		default:
			return undefined;
	}
}

/** Undefined where it is no private key at all, but a shared secret. @throws Error where it is one that cannot be read. */
function readPrivateKey({ key, jwk, passphrase }: KeyFile, typed?: string): KeyObject | undefined {
	if (jwk?.kty === 'oct') return undefined;
	const isPem = key.includes('-----BEGIN ');
	if (jwk === undefined && !isPem) return readDer(key);
	const open = typed || passphrase;
	const read = parsed(() =>
		jwk === undefined
			? createPrivateKey({ key: pem(key), ...(open ? { passphrase: open } : {}) })
			: createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }),
	);
	if (read === undefined) throw new Error(whyUnreadable(key));
	return read;
}

/** OpenSSL's own words may hold a part of the key, so they go no further. */
function parsed(read: () => KeyObject): KeyObject | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}

/** PEM without its first and last line; undefined where it is something else, such as a shared secret. */
function readDer(text: string): KeyObject | undefined {
	if (/ssh-(rsa|ed25519)|ecdsa-sha2/.test(text)) throw new Error(PUBLIC);
	const base64 = text.replaceAll('\\n', '').replace(/\s/g, '');
	if (base64.length > 20_000 || !/^M[A-Za-z0-9+/]{60,}={0,2}$/.test(base64)) return undefined;
	const key = Buffer.from(base64, 'base64');
	return (['pkcs8', 'pkcs1', 'sec1'] as const)
		.map((type) => parsed(() => createPrivateKey({ key, format: 'der', type })))
		.find((one) => one !== undefined);
}

const PUBLIC = 'That is a public key; what signs is the private one.';

function whyUnreadable(text: string): string {
	if (/BEGIN (RSA |EC )?PUBLIC KEY|BEGIN SSH2 PUBLIC/.test(text)) return PUBLIC;
	if (text.includes('BEGIN OPENSSH PRIVATE KEY')) {
		return 'The key is written in the way of OpenSSH; “ssh-keygen -p -m PEM -f” and its file name rewrite it.';
	}
	if (text.includes('BEGIN CERTIFICATE') && !text.includes('PRIVATE KEY')) {
		return 'That is a certificate without its private key.';
	}
	return text.includes('ENCRYPTED')
		? 'The key could not be read. It is encrypted: its passphrase belongs into Further Secret.'
		: 'The key could not be read as a private key.';
}

/** Puts back the line breaks that a JSON file writes as `\n` and that a field of one line drops. */
function pem(text: string): string {
	const plain = text.replaceAll('\\n', '\n').trim();
	// Certificates and parameters may stand around it.
	const label = /-----BEGIN ([A-Z ]{0,40}PRIVATE KEY)-----/.exec(plain)?.[1] ?? '';
	const start = `-----BEGIN ${label}-----`;
	const begin = plain.indexOf(start);
	const end = plain.indexOf(`-----END ${label}-----`, begin);
	// Encrypted in the old way: its headers need their own line breaks, which cannot be guessed.
	if (label === '' || end === -1 || plain.includes('Proc-Type:')) return plain;
	const body = plain.slice(begin + start.length, end).replace(/\s/g, '');
	const lines = body.match(/.{1,64}/g) ?? [];
	return [start, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function jwkBytes({ k }: Readonly<Record<string, unknown>>): Buffer {
	return Buffer.from(typeof k === 'string' ? k : '', 'base64url');
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
