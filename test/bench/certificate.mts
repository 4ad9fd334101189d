import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/**
 * A key and a certificate for 127.0.0.1, and for these names, that live as long as a run: no key has to lie in the
 * repository.
 */
export function selfSignedCertificate(names: readonly string[] = []): {
	readonly key: string;
	readonly certificate: string;
} {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const now = Date.now();
	const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
	const name = sequence(
		der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from('tokenkeeper bench')))),
	);
	const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
	const loopback = der(0x87, Buffer.from([127, 0, 0, 1]));
	const hosts = names.map((host) => der(0x82, Buffer.from(host)));
	const extensions = sequence(
		extension('551d11', sequence(loopback, ...hosts)),
		extension('551d13', sequence(der(0x01, Buffer.from([0xff])))),
	);
	// RFC 5280, 4.1: version 3, serial, algorithm, issuer, validity, subject, key, extensions.
	const body = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(0x02, serial),
		ecdsaWithSha256,
		name,
		sequence(time(now - 3600_000), time(now + 86_400_000)),
		name,
		publicKey.export({ format: 'der', type: 'spki' }),
		der(0xa3, extensions),
	);
	const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
	const certificate = sequence(body, ecdsaWithSha256, signature).toString('base64');
	return {
		key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
		certificate: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
	};
}

/** ITU-T X.690: a tag, a length, the content. */
function der(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const size =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const extension = (id: string, value: Buffer) => sequence(objectId(id), der(0x04, value));

/** UTCTime, `YYMMDDHHMMSSZ`. */
function time(ms: number): Buffer {
	return der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}
