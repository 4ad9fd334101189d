/** Recipes that `npm run test:servers` runs on the real server, by name. */
export const ranOn: Readonly<Record<string, string>> = {
	Directus: '*Run on the real server.*',
	'Node-RED Admin API': '*Run on the real server.*',
};
