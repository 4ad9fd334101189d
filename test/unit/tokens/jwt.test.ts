import { createHmac, generateKeyPairSync, verify, constants, type KeyObject } from 'node:crypto';
import { readKeyFile } from '../../../credentials/tokens/keyFile';
import { JWT_ALGORITHMS, signJwt, type SigningKey } from '../../../credentials/tokens/jwt';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = {
	ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
	ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
	ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
	EdDSA: generateKeyPairSync('ed25519'),
};
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const SHARED = 'a shared secret';
/** Of nobody: made for these tests, without its key. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdDCCARmgAwIBAgIUX+MKMT34OS38BClMr9Zdp6AHMx0wCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjkwNTM4MTZaFw0zNjExMjYwNTM4MTZa
MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARq7B32
vL5cHxS9Ju2tTrrqFADtOLSGhma4oIbk7PYzOiM0M2h/nlImKKMgzRo5/3sNnCW3
7QhcnTKn1gquiSM2o1MwUTAdBgNVHQ4EFgQUaLzk/+Mq90VRouoLzmhNJ8Mb4SIw
HwYDVR0jBBgwFoAUaLzk/+Mq90VRouoLzmhNJ8Mb4SIwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNJADBGAiEArcLzBNx2rdB7GDOoLGuNFFYax350LFUFUtOl
BSkchvUCIQCxr4inp5xDia7I0XIJKlesxMX877R51uDuXZ4FPw9pUg==
-----END CERTIFICATE-----
`;

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
			'a key file of Zitadel': JSON.stringify({
				type: 'serviceaccount',
				keyId: '7',
				key: text,
				userId: 'u',
			}),
			'a key file of Box': JSON.stringify({ boxAppSettings: { appAuth: { privateKey: text } } }),
			'a key file with words in front (Yandex)': JSON.stringify({
				private_key: `DO NOT REMOVE <x>\n${text}`,
			}),
			'a set of keys': JSON.stringify({ keys: [rsa.privateKey.export({ format: 'jwk' })] }),
			'behind a certificate': `${CERTIFICATE}${text}`,
			'behind what openssl writes': `Bag Attributes\n    friendlyName: x\n${text}${CERTIFICATE}`,
			'behind its parameters': `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${text}`,
			'without its first and last line (Alipay)': text.replace(/-----.*-----/g, '').trim(),
			'without them, PKCS #1, in one line': rsa.privateKey
				.export({ type: 'pkcs1', format: 'der' })
				.toString('base64'),
		};
		for (const [name, key] of Object.entries(ways)) {
			const jwt = signJwt({ key, algorithm: 'RS256' }, {}, {});
			expect([name, verified(jwt, 'RS256')]).toEqual([name, true]);
		}
		const auto = signJwt(
			{ key: ways['without its first and last line (Alipay)'], algorithm: 'auto' },
			{},
			{},
		);
		expect(parts(auto).header.alg).toBe('RS256');
	});

	it.each<[string, object, object]>([
		['Google', { client_email: 'a@b', private_key_id: '7' }, { issuer: 'a@b', keyId: '7' }],
		['Zitadel', { keyId: '7', key: 'pem', userId: 'u' }, { issuer: 'u', subject: 'u', keyId: '7' }],
		[
			'Yandex',
			{ id: '7', service_account_id: 's', private_key: 'pem' },
			{ issuer: 's', keyId: '7' },
		],
		[
			'Box',
			{
				boxAppSettings: {
					clientID: 'c',
					clientSecret: 'x',
					appAuth: { publicKeyID: '7', privateKey: 'pem', passphrase: 'open' },
				},
				enterpriseID: '9',
			},
			{ issuer: 'c', subject: '9', keyId: '7', passphrase: 'open' },
		],
		['a JWK', { kty: 'EC', kid: '7', d: 'x' }, { keyId: '7' }],
		[
			'a set of keys',
			{
				keys: [
					{ kty: 'EC', kid: '1' },
					{ kty: 'EC', kid: '7', d: 'x' },
				],
			},
			{ keyId: '7' },
		],
	])('takes from the key file of %s who signs and which key it is', (_, file, expected) => {
		expect(readKeyFile(JSON.stringify(file))).toMatchObject(expected);
	});

	it('takes the thumbprints from a certificate that was pasted with the key (Entra ID)', () => {
		const thumbprints = {
			x5t: 'zZ109H_gKVd841VcJMlPHNCv_ig',
			'x5t#S256': 'KLZVd01Cq-fiEF6Xg_Y4ZSGhOrg_KNQQobSq3vnKIAQ',
		};
		const both = `${CERTIFICATE}${pem(rsa.privateKey)}`;
		expect(readKeyFile(both).thumbprints).toEqual(thumbprints);
		expect(readKeyFile(both.replaceAll('\n', ' ')).thumbprints).toEqual(thumbprints);
		expect(readKeyFile(pem(rsa.privateKey)).thumbprints).toBeUndefined();
	});

	it('takes an ID and a secret in hexadecimal digits apart (Ghost)', () => {
		const id = '6489'.repeat(6);
		const secret = 'ab01'.repeat(16);
		expect(readKeyFile(`${id}:${secret}`)).toMatchObject({ keyId: id });
		const jwt = signJwt({ key: `${id}:${secret}`, encoding: 'hex', algorithm: 'auto' }, {}, {});
		expect(verified(jwt, 'HS256', Buffer.from(secret, 'hex'))).toBe(true);
	});

	it('signs with a JWK that is a shared secret', () => {
		const key = JSON.stringify({ kty: 'oct', k: Buffer.from(SHARED).toString('base64url') });
		expect(verified(signJwt({ key, algorithm: 'auto' }, {}, {}), 'HS256')).toBe(true);
		expect(verified(signJwt({ key, algorithm: 'HS512' }, {}, {}), 'HS512')).toBe(true);
	});

	it('signs with a key for RSA-PSS alone', () => {
		const { privateKey, publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
		const jwt = signJwt({ key: pem(privateKey), algorithm: 'auto' }, {}, {});
		const { header, text, signature } = parts(jwt);
		expect(header.alg).toBe('PS256');
		const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
		const padding = constants.RSA_PKCS1_PSS_PADDING;
		expect(verify('sha256', text, { key: publicKey, padding, saltLength }, signature)).toBe(true);
		expect(() => signJwt({ key: pem(privateKey), algorithm: 'RS256' }, {}, {})).toThrow(
			/fits PS256/,
		);
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
			[{ key: `ssh-rsa canary`, algorithm: 'RS256' }, /public key/],
			[
				{ key: '-----BEGIN PUBLIC KEY-----canary-----END PUBLIC KEY-----', algorithm: 'auto' },
				/public key; what signs is the private one/,
			],
			[{ key: CERTIFICATE, algorithm: 'auto' }, /certificate without its private key/],
			[
				{
					key: '-----BEGIN OPENSSH PRIVATE KEY-----canary-----END OPENSSH PRIVATE KEY-----',
					algorithm: 'auto',
				},
				/OpenSSH.*ssh-keygen -p -m PEM/,
			],
			[
				{ key: pem(rsa.privateKey), algorithm: 'HS256' },
				/does not fit the algorithm HS256; it fits RS256/,
			],
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
