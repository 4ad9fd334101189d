import { checkSync } from 'recheck';
import ts from 'typescript';

/** Text comes from anybody: a pattern that takes more than linear time to fail lets a reply of 100 kB stop n8n. */

declare const sources: Readonly<Record<string, string>>;

/** Every pattern of the published code: written as a literal, or handed to `RegExp`. */
function patternsOf(file: string, text: string): Array<[where: string, literal: string]> {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const found: Array<[string, string]> = [];
	const visit = (node: ts.Node): void => {
		const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
		if (ts.isRegularExpressionLiteral(node)) found.push([`${file}:${line}`, node.text]);
		if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
			const [made, flags] = node.arguments ?? [];
			found.push([`${file}:${line}`, `/${writtenIn(made)}/${writtenIn(flags)}`]);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

/** The text of a literal; what is put into a template is taken for a word. */
function writtenIn(node: ts.Expression | undefined): string {
	if (node === undefined) return '';
	if (ts.isStringLiteralLike(node)) return node.text;
	if (!ts.isTemplateExpression(node)) throw new Error(`Cannot be checked: ${node.getText()}`);
	return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('word');
}

const patterns = Object.entries(sources).flatMap(([file, text]) => patternsOf(file, text));

describe('Each pattern over text takes linear time:', () => {
	it('there are patterns to look at, and the check knows a bad one', () => {
		expect(patterns.length).toBeGreaterThan(20);
		expect(checkSync('[T ].*Z(?:\\[.*\\])?$', 'i').status).toBe('vulnerable');
		expect(checkSync('\\/+$', '').status).toBe('vulnerable');
		expect(checkSync('^\\d{4}-\\d{2}$', '').status).toBe('safe');
	});

	it.each(patterns)('%s %s', (_, literal) => {
		const end = literal.lastIndexOf('/');
		const checked = checkSync(literal.slice(1, end), literal.slice(end + 1));
		expect(checked.status).toBe('safe');
	});
});
