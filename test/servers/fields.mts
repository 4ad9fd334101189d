import { readRecipes } from '../recipes/recipes.mts';
import type { JsonObject } from '../n8n/types.mts';

const recipes = await readRecipes();
const URLS = ['baseUrl', 'tokenUrl', 'refreshUrl'];

/**
 * The fields of a recipe as they stand in the documentation, for a server that is reached at `origin`; only what is
 * everybody's own differs.
 */
export function fieldsOf(recipe: string, origin: string, own: JsonObject): JsonObject {
	const found = recipes.find(({ name }) => name === recipe);
	if (found === undefined) throw new Error(`There is no recipe ${recipe}.`);
	const documented = new URL(String(found.fields.baseUrl)).origin;
	const entries = Object.entries(found.fields as JsonObject).map(([name, value]) => [
		name,
		URLS.includes(name) ? String(value).replace(documented, origin) : value,
	]);
	return { ...(Object.fromEntries(entries) as JsonObject), ...own };
}
