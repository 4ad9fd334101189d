import { checkSync } from 'recheck';
import ts from 'typescript';

/**
 * Text comes from anybody: a pattern that takes more than linear time to fail lets a reply of 100 kB stop n8n. Patterns
 * are found in the sources, and there is one way to write one: as a literal, which can be checked.
 */

declare const sources: Readonly<Record<string, string>>;

interface Found {
	readonly literals: Array<[where: string, literal: string]>;
	/** Where a pattern is made in another way. */
	readonly made: string[];
}

/** Strings that these are called with become patterns. */
const TAKING_PATTERNS = ['match', 'matchAll', 'search'];
/** In a node's description, n8n makes patterns of these: `extractValue`, `validation`, `_cnd`. */
const DESCRIBED_PATTERNS = ['regex', 'regexp', 'pattern'];

function patternsOf(file: string, text: string): Found {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const found: Found = { literals: [], made: [] };
	const visit = (node: ts.Node): void => {
		const where = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
		if (ts.isRegularExpressionLiteral(node)) found.literals.push([where, node.text]);
		if (makesPattern(node)) found.made.push(`${where} ${node.getText()}`);
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

function makesPattern(node: ts.Node): boolean {
	if (ts.isIdentifier(node)) return node.text === 'RegExp' && !ts.isTypeReferenceNode(node.parent);
	if (ts.isStringLiteralLike(node) && node.text === 'RegExp') return true;
	if (ts.isPropertyAssignment(node) && DESCRIBED_PATTERNS.includes(nameOf(node.name))) {
		return !ts.isRegularExpressionLiteral(node.initializer);
	}
	if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
	const [pattern] = node.arguments;
	if (!TAKING_PATTERNS.includes(node.expression.name.text) || pattern === undefined) return false;
	return !ts.isRegularExpressionLiteral(pattern) && !ts.isIdentifier(pattern);
}

const nameOf = (name: ts.PropertyName) =>
	ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '';

const all = Object.entries(sources).map(([file, text]) => patternsOf(file, text));
const patterns = all.flatMap(({ literals }) => literals);

describe('Each pattern over text takes linear time:', () => {
	it('there are patterns to look at, and the check knows a bad one', () => {
		expect(patterns.length).toBeGreaterThan(100);
		expect(checkSync('[T ].*Z(?:\\[.*\\])?$', 'i').status).toBe('vulnerable');
		expect(checkSync('\\/+$', '').status).toBe('vulnerable');
		expect(checkSync('^\\d{4}-\\d{2}$', '').status).toBe('safe');
		expect(slowest(/\/+$/)).toBeGreaterThan(LIMIT);
	});

	it('each one is a literal', () => {
		const ways =
			"new RegExp(x); RegExp(x); globalThis['RegExp'](x); const R = RegExp; a.match('x'); a.search(`x`); const one = { regex: '^a*$' }; a.matchAll(/x/g); const p: RegExp = /y/";
		const { made, literals } = patternsOf('ways.ts', ways);
		expect([made.length, literals.length]).toEqual([7, 2]);
		expect(all.flatMap(({ made: others }) => others)).toEqual([]);
	});

	it.each(patterns)('%s %s', (_, literal) => {
		const end = literal.lastIndexOf('/');
		const [body, flags] = [literal.slice(1, end), literal.slice(end + 1)];
		expect(checkSync(body, flags, { timeout: PATIENCE }).status).toBe('safe');
		// Once more where it seems slow: a machine under load is slow now and then, a pattern always.
		const pattern = new RegExp(body, flags);
		expect([1, 2, 3].some(() => slowest(pattern) < LIMIT)).toBe(true);
	});
});

/** In ms: how long the check may take where the machine is busy. */
const PATIENCE = 50_000;
/** In ms. A pattern that is quadratic takes seconds for this much text, a linear one less than one. */
const LIMIT = 1_000;
const LENGTH = 100_000;

/** In ms, the longest that the pattern takes for 100 kB of any one of its own characters, and for all of them in turn. */
function slowest(pattern: RegExp): number {
	const characters = [...new Set([...'a0 \n"<=/;,', ...pattern.source])];
	const taken = [...characters, characters.join(''), pattern.source].map((piece) => {
		const text = `${piece.repeat(Math.ceil(LENGTH / piece.length))}\u0000`;
		const begun = performance.now();
		text.replace(pattern, '');
		return performance.now() - begun;
	});
	return Math.max(...taken);
}
