import type { Accounts } from './accounts.mts';
import { startBookingtimeAuth } from './bookingtime-auth.mts';
import { startBookingtime } from './bookingtime.mts';
import { startCalensoAuth } from './calenso-auth.mts';
import { startCalenso } from './calenso.mts';
import { startControl } from './control.mts';
import { startCustom } from './custom.mts';
import { startForeign } from './foreign.mts';
import { startFusio } from './fusio.mts';
import { infoOf } from './info.mts';
import type { Info } from './info.mts';
import { startMeister1 } from './meister1.mts';
import type { Listening } from './serve.mts';
import type { SettingsChange } from './settings.mts';
import { newWorld } from './world.mts';
import type { Urls, World } from './world.mts';

/** How a sandbox starts. */
export interface SandboxOptions {
	readonly settings?: SettingsChange;
	/** Instead of random accounts, per provider. */
	readonly accounts?: Partial<Accounts>;
	/** Control port; the other servers take the ports after it. Without it all take free ones. */
	readonly port?: number;
}

/** A sandbox in this process. */
export interface Sandbox {
	readonly info: Info;
	readonly world: World;
	/** Settles when somebody has asked for the end through the control port. */
	readonly ended: Promise<void>;
	stop(): Promise<void>;
}

/** Starts all servers of a sandbox on 127.0.0.1. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const world = newWorld(options.settings, options.accounts);
	let shutDown = () => {};
	const ended = new Promise<void>((resolve) => (shutDown = resolve));
	const starts: Record<keyof Urls, (port?: number) => Promise<Listening>> = {
		control: (port) => startControl(world, () => shutDown(), port),
		calenso: (port) => startCalenso(world, port),
		calensoAuth: (port) => startCalensoAuth(world, port),
		bookingtime: (port) => startBookingtime(world, port),
		bookingtimeAuth: (port) => startBookingtimeAuth(world, port),
		meister1: (port) => startMeister1(world, port),
		fusio: (port) => startFusio(world, port),
		custom: (port) => startCustom(world, port),
		foreign: (port) => startForeign(world, port),
	};
	const servers = await Promise.all(
		Object.entries(starts).map(async ([name, start], index) => {
			const server = await start(options.port && options.port + index);
			world.urls[name as keyof Urls] = server.origin;
			return server;
		}),
	);
	return {
		info: infoOf(world),
		world,
		ended,
		stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
	};
}
