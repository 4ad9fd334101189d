import { servers } from '../servers/servers.mts';

const MARK = '*Run on the real server.*';

/** What is said of recipes that `npm run test:servers` runs on the real server, by name. */
export const ranOn: Readonly<Record<string, string>> = Object.fromEntries(
	servers.flatMap(({ recipes }) => recipes).map((name) => [name, MARK]),
);
