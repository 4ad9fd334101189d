import { isObject } from '../../nodes/shared/parameters';

/**
 * The value at a dotted path such as `data.items` or `pages.0.list`; undefined where there is none.
 * A field whose own name has dots in it is found too.
 */
export function valueAt(value: unknown, dottedPath: string): unknown {
	if (dottedPath === '') return value;
	if (Array.isArray(value)) {
		const [index, ...rest] = dottedPath.split('.');
		return /^\d+$/.test(index) ? valueAt(value[Number(index)], rest.join('.')) : undefined;
	}
	if (!isObject(value)) return undefined;
	if (Object.hasOwn(value, dottedPath)) return value[dottedPath];
	for (let dot = dottedPath.indexOf('.'); dot !== -1; dot = dottedPath.indexOf('.', dot + 1)) {
		const name = dottedPath.slice(0, dot);
		if (Object.hasOwn(value, name)) return valueAt(value[name], dottedPath.slice(dot + 1));
	}
	return undefined;
}
