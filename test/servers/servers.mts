import type { Server } from './server.mts';
import { nodeRed } from './node-red/server.mts';

/** All servers, those that are installed fastest first: the short run takes the first two. */
export const servers: readonly Server[] = [nodeRed];
