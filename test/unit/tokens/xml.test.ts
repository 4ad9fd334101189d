import fc from 'fast-check';
import { valueAt } from '../../../credentials/tokens/json';
import { parseXml } from '../../../credentials/tokens/xml';

describe('An XML reply', () => {
	it('is read by paths of local names, attributes and places', () => {
		const body = parseXml(`<?xml version="1.0"?>
			<!DOCTYPE x [<!ENTITY a "b">]>
			<!-- a comment -->
			<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
				<soap:Body><ns:login result="ok" ns:ttl='60'>
					<ns:token>a&amp;b&#x21;&#33;<![CDATA[<c>]]></ns:token><item>1</item><item>2</item><empty/>
				</ns:login></soap:Body>
			</soap:Envelope>`);
		const at = (path: string) => valueAt(body, `Envelope.Body.login.${path}`);
		expect(['token', '@result', '@ttl', 'item[1]', 'empty'].map(at)).toEqual([
			'a&b!!<c>',
			'ok',
			'60',
			'2',
			'',
		]);
	});

	it.each(['', 'text', '<a>', '<a', '</a>', '<a></a></b>', '<!-- <a/>', '<1/>', '<a><b></a>x'])(
		'as %j is none',
		(text) => expect(parseXml(text)).toBeUndefined(),
	);

	it('expands no entity, goes no deeper than any reply, and touches no prototype', () => {
		const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>';
		expect(parseXml(bomb)).toEqual({ x: '&b;' });
		expect(parseXml('<a>'.repeat(100) + '</a>'.repeat(100))).toBeUndefined();
		parseXml('<__proto__><polluted>1</polluted></__proto__>');
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	it('is an element or none, whatever comes', () => {
		const piece = fc.constantFrom(
			'<a>',
			'</a>',
			'<',
			'>',
			'<![CDATA[',
			']]>',
			'<!',
			'"',
			"='",
			'&#',
			'x',
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
				const value = parseXml(pieces.join(''));
				expect(value === undefined || typeof value === 'object').toBe(true);
			}),
		);
	});
});
