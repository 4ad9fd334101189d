import { createHmac, generateKeyPairSync, verify, constants, type KeyObject } from 'node:crypto';
import { JWT_ALGORITHMS, keyFile, signJwt, type SigningKey } from '../../../credentials/tokens/jwt';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = {
	ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
	ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
	ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
	EdDSA: generateKeyPairSync('ed25519'),
};
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const SHARED = 'a shared secret';

function pairOf(algorithm: string) {
	return algorithm in curves ? curves[algorithm as keyof typeof curves] : rsa;
}

function parts(jwt: string) {
	const [header, claims, signature] = jwt.split('.');
	const read = (text: string) =>
		JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
	return {
		header: read(header),
		claims: read(claims),
		text: Buffer.from(`${header}.${claims}`),
		signature: Buffer.from(signature, 'base64url'),
	};
}

function verified(jwt: string, algorithm: string, shared: Buffer | string = SHARED): boolean {
	const { text, signature } = parts(jwt);
	const hash = `sha${algorithm.slice(-3)}`;
	if (algorithm.startsWith('HS')) {
		return createHmac(hash, shared).update(text).digest().equals(signature);
	}
	const key = pairOf(algorithm).publicKey;
	if (algorithm === 'EdDSA') return verify(null, text, key, signature);
	if (algorithm.startsWith('ES'))
		return verify(hash, text, { key, dsaEncoding: 'ieee-p1363' }, signature);
	const padding = algorithm.startsWith('PS')
		? constants.RSA_PKCS1_PSS_PADDING
		: constants.RSA_PKCS1_PADDING;
	return verify(
		hash,
		text,
		{ key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
		signature,
	);
}

describe('A signed JWT', () => {
	it.each(JWT_ALGORITHMS)('with %s is one that the other side can verify', (algorithm) => {
		const key = algorithm.startsWith('HS') ? SHARED : pem(pairOf(algorithm).privateKey);
		const jwt = signJwt({ key, algorithm }, { kid: 'k1', x: undefined }, { iss: 'me', exp: 5 });
		expect(parts(jwt).header).toEqual({ alg: algorithm, typ: 'JWT', kid: 'k1' });
		expect(parts(jwt).claims).toEqual({ iss: 'me', exp: 5 });
		expect(verified(jwt, algorithm)).toBe(true);
		expect(verified(jwt.replace(/\.[^.]*\./, '.e30.'), algorithm)).toBe(false);
	});

	it('takes the usual algorithm of the key where none was chosen', () => {
		const usual = (key: string) => parts(signJwt({ key, algorithm: 'auto' }, {}, {})).header.alg;
		expect(usual(pem(rsa.privateKey))).toBe('RS256');
		for (const [name, { privateKey }] of Object.entries(curves))
			expect(usual(pem(privateKey))).toBe(name);
		expect(usual(SHARED)).toBe('HS256');
	});

	it('reads a key in each of the ways in which people paste it', () => {
		const text = pem(rsa.privateKey);
		const ways = {
			'its own': text,
			'line breaks written as in JSON': text.replaceAll('\n', '\\n'),
			'line breaks lost': text.replaceAll('\n', ''),
			'line breaks turned into blanks': text.replaceAll('\n', ' '),
			'line breaks of Windows': text.replaceAll('\n', '\r\n'),
			'PKCS #1': rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
			JWK: JSON.stringify(rsa.privateKey.export({ format: 'jwk' })),
			'a key file of Google': JSON.stringify({ private_key: text, client_email: 'a@b' }),
		};
		for (const [name, key] of Object.entries(ways)) {
			const jwt = signJwt({ key, algorithm: 'RS256' }, {}, {});
			expect([name, verified(jwt, 'RS256')]).toEqual([name, true]);
		}
		expect(keyFile(JSON.stringify({ client_email: 'a@b', private_key_id: '7' }))).toEqual({
			issuer: 'a@b',
			keyId: '7',
		});
		expect(keyFile(text)).toEqual({});
	});

	it('opens an encrypted key, and asks for its passphrase', () => {
		const options = {
			type: 'pkcs8',
			format: 'pem',
			cipher: 'aes-256-cbc',
			passphrase: 'open',
		} as const;
		const key = rsa.privateKey.export(options).toString();
		expect(verified(signJwt({ key, passphrase: 'open', algorithm: 'auto' }, {}, {}), 'RS256')).toBe(
			true,
		);
		for (const passphrase of [undefined, 'wrong']) {
			expect(() => signJwt({ key, passphrase, algorithm: 'auto' }, {}, {})).toThrow(
				/encrypted.*Further Secret/,
			);
		}
	});

	it('reads a shared secret as text, hexadecimal digits or Base64', () => {
		const bytes = Buffer.from([0, 1, 254, 255]);
		const signed = (key: SigningKey) => signJwt(key, {}, {});
		const hex = signed({ key: bytes.toString('hex'), encoding: 'hex', algorithm: 'HS256' });
		const base64 = signed({
			key: bytes.toString('base64url'),
			encoding: 'base64',
			algorithm: 'HS256',
		});
		expect(verified(hex, 'HS256', bytes)).toBe(true);
		expect(base64).toBe(hex);
		expect(() => signed({ key: 'xyz', encoding: 'hex', algorithm: 'HS256' })).toThrow(
			/hexadecimal/,
		);
	});

	it('says what is wrong with a key, and repeats nothing of it', () => {
		const rows: Array<[SigningKey, RegExp]> = [
			[{ key: 'canary', algorithm: 'RS256' }, /could not be read as a private key/],
			[
				{ key: pem(curves.ES256.privateKey), algorithm: 'RS256' },
				/does not fit the algorithm RS256; it fits ES256/,
			],
			[{ key: pem(rsa.privateKey), algorithm: 'ES256' }, /it fits RS256/],
			[{ key: pem(curves.ES256.privateKey), algorithm: 'ES512' }, /it fits ES256/],
			[{ key: 'canary', algorithm: 'HS999' }, /algorithm is not known/],
			[
				{ key: '-----BEGIN PRIVATE KEY-----canary-----END PRIVATE KEY-----', algorithm: 'auto' },
				/could not be read/,
			],
		];
		for (const [key, words] of rows) {
			expect(() => signJwt(key, {}, {})).toThrow(words);
			expect(() => signJwt(key, {}, {})).not.toThrow(/canary/);
		}
	});
});
