import { directus } from './directus/server.mts';
import { etcd } from './etcd/server.mts';
import { nodeRed } from './node-red/server.mts';
import { oidcProvider } from './oidc-provider/server.mts';
import { parseServer } from './parse-server/server.mts';
import type { Server } from './server.mts';
import { verdaccio } from './verdaccio/server.mts';

/** All servers, those that are installed fastest first: the short run takes the first two. */
export const servers: readonly Server[] = [oidcProvider, nodeRed, verdaccio, etcd, parseServer, directus];
