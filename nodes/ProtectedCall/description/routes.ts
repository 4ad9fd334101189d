import { isObject } from '../../shared/parameters';
import { own } from './walk';

/**
 * A description made of Fusio's list of routes, `{"routes": {"/todo/:id": {"GET": "todo.get"}}}`: methods, paths and
 * names, without parameters and bodies. Undefined where the text is something else.
 */
export function readRoutes(text: string): string | undefined {
	const routes = own(parsed(text), 'routes');
	if (!isObject(routes)) return undefined;
	const paths = Object.entries(routes).map(([path, methods]) => [
		path.replace(
			/[:*](\w{1,100})|\$(\w{1,100})<[^<>]{0,200}>/g,
			(_, plain?: string, typed?: string) => {
				return `{${plain ?? typed ?? ''}}`;
			},
		),
		Object.fromEntries(
			Object.entries(isObject(methods) ? methods : {})
				.filter(([, name]) => typeof name === 'string')
				.map(([method, name]) => [method.toLowerCase(), { operationId: name }]),
		),
	]);
	return JSON.stringify({ openapi: '3.0.3', paths: Object.fromEntries(paths) as object });
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
