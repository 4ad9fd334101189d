import {
	constants,
	createHmac,
	generateKeyPairSync,
	randomBytes,
	verify,
	type KeyPairKeyObjectResult,
} from 'node:crypto';

const PSS = {
	padding: constants.RSA_PKCS1_PSS_PADDING,
	saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};

/** Keys for `<rsa>`, `<ec>`, `<hex>`, `<secret>` and `<google>` in a recipe; new ones each time, so that none is in the repository. */
export function makeKeys() {
	const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const pem = ({ privateKey }: KeyPairKeyObjectResult) =>
		privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
	const hex = randomBytes(32).toString('hex');
	const google = JSON.stringify({
		type: 'service_account',
		private_key_id: 'my-key',
		private_key: pem(rsa),
		client_email: 'robot@my-project.iam.gserviceaccount.com',
	});
	const made: Record<string, string> = {
		'<rsa>': pem(rsa),
		'<ec>': pem(ec),
		'<hex>': hex,
		'<secret>': hex,
		'<google>': google,
	};
	return {
		/** The key that stands for it, or the text itself. */
		key: (text: unknown) => (typeof text === 'string' ? (made[text] ?? text) : text),
		/** Header and claims of a JWT whose signature is right. @throws where it is not */
		read: (jwt: string) => {
			const [header = '', claims = '', signature = ''] = jwt.split('.');
			const json = (part: string) =>
				JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
			const { alg } = json(header);
			const text = Buffer.from(`${header}.${claims}`);
			const given = Buffer.from(signature, 'base64url');
			const good =
				alg === 'HS256'
					? [Buffer.from(hex, 'hex'), Buffer.from(hex)].some((secret) =>
							createHmac('sha256', secret).update(text).digest().equals(given),
						)
					: alg === 'ES256'
						? verify('sha256', text, { key: ec.publicKey, dsaEncoding: 'ieee-p1363' }, given)
						: verify(
								'sha256',
								text,
								{ key: rsa.publicKey, ...(alg === 'PS256' ? PSS : {}) },
								given,
							);
			if (!good) throw new Error(`The signature (${String(alg)}) is wrong`);
			return { header: json(header), claims: json(claims) };
		},
	};
}
