import { createHmac } from 'node:crypto';

/** A signed token, HS256. The same claims and key give the same bytes. */
export function signToken(claims: Record<string, unknown>, key: Buffer): string {
	const head = encode({ typ: 'JWT', alg: 'HS256' });
	const text = `${head}.${encode(claims)}`;
	return `${text}.${signature(text, key)}`;
}

/** What is wrong with a token, if anything is, before one looks it up. */
export function inspectToken(
	token: string,
	key: Buffer,
): 'good' | 'no-token' | 'malformed' | 'forged' {
	if (!token.includes('.')) return 'no-token';
	const [head = '', claims = '', signed = '', ...more] = token.split('.');
	if (more.length > 0 || !isJson(head) || !isJson(claims)) return 'malformed';
	return signature(`${head}.${claims}`, key) === signed ? 'good' : 'forged';
}

function signature(text: string, key: Buffer): string {
	return createHmac('sha256', key).update(text).digest('base64url');
}

function encode(value: Record<string, unknown>): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function isJson(part: string): boolean {
	try {
		JSON.parse(Buffer.from(part, 'base64url').toString());
		return true;
	} catch {
		return false;
	}
}
