import { fork } from 'node:child_process';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import tls from 'node:tls';
import { whenThisProcessEnds } from '../n8n/shutdown.mts';

/**
 * A provider as it is seen over a long line: TLS, and a round trip that takes a while. Runs in a process of its own.
 *
 * ```
 * client ── relay, delays every byte by half a round trip each way ── TLS ends here ── sandbox
 * ```
 *
 * The kernel answers a TCP connect at once, so the first bytes of a client wait one round trip longer.
 */
export interface DelayingProxy {
	readonly origin: string;
	/** TCP connections opened to it so far. */
	connections: () => Promise<number>;
	stop: () => Promise<void>;
}

interface Options {
	readonly key: string;
	readonly certificate: string;
	readonly targetPort: number;
	/** In ms. */
	readonly roundTrip: number;
}

export async function startDelayingProxy(options: Options): Promise<DelayingProxy> {
	const child = fork(import.meta.filename, ['serve', JSON.stringify(options)]);
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const forget = whenThisProcessEnds({ atOnce: () => child.kill('SIGKILL') });
	const next = async () =>
		await new Promise<number>((resolve, reject) => {
			child.once('message', (value) => resolve(value as number));
			void exited.then(() => reject(new Error('The delaying proxy ended.')));
		});
	const port = await next();
	return {
		origin: `https://127.0.0.1:${port}`,
		connections: async () => {
			const answer = next();
			child.send('connections');
			return await answer;
		},
		stop: async () => {
			child.disconnect();
			await exited;
			forget();
		},
	};
}

async function serve({ key, certificate, targetPort, roundTrip }: Options): Promise<void> {
	const ending = tls.createServer({ key, cert: certificate }, (secure) => {
		const plain = net.connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
		join(secure, plain);
	});
	const inner = await listening(ending);
	let connections = 0;
	const relay = net.createServer({ noDelay: true }, (client) => {
		connections++;
		const upstream = net.connect({ port: inner, host: '127.0.0.1', noDelay: true });
		const opened = performance.now();
		const there = delay(() => Math.max(0, opened + roundTrip * 1.5 - performance.now()), roundTrip / 2);
		const back = delay(() => 0, roundTrip / 2);
		client.pipe(there).pipe(upstream);
		upstream.pipe(back).pipe(client);
		for (const socket of [client, upstream]) {
			socket.on('error', () => [client, upstream].forEach((one) => one.destroy()));
		}
	});
	const port = await listening(relay);
	process.on('message', () => process.send?.(connections));
	process.on('disconnect', () => process.exit(0));
	process.send?.(port);
}

/** Lets each chunk through after a while, in order, without holding up the next one. In ms. */
function delay(least: () => number, ms: number): Transform {
	const underway: Buffer[] = [];
	let last = 0;
	const later = (what: () => void) => {
		const now = performance.now();
		last = Math.max(last, now + ms, now + least());
		setTimeout(what, last - now);
	};
	return new Transform({
		highWaterMark: 1 << 20,
		transform(chunk: Buffer, _encoding, done) {
			underway.push(chunk);
			// Timers that are due at the same moment may swap; the chunks do not.
			later(() => this.push(underway.shift()));
			done();
		},
		flush(done) {
			const end = () => (underway.length > 0 ? setTimeout(end, 1) : done());
			later(end);
		},
	});
}

function join(a: net.Socket, b: net.Socket): void {
	a.pipe(b).pipe(a);
	for (const socket of [a, b]) {
		socket.on('error', () => [a, b].forEach((one) => one.destroy()));
	}
}

async function listening(server: net.Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
	return (server.address() as AddressInfo).port;
}

if (process.argv[2] === 'serve' && process.argv[1] === import.meta.filename) {
	await serve(JSON.parse(process.argv[3] ?? '{}') as Options);
}
