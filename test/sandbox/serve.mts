import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { json } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import type { Endpoint, Provider, RecordedRequest } from './journal.mts';
import { misbehave } from './misbehave.mts';
import type { Outcome } from './misbehave.mts';
import type { World } from './world.mts';

/** What a server makes of a request before it answers. */
export interface Place {
	readonly endpoint: Endpoint;
	readonly operation: string;
	readonly answer: () => Answer | Promise<Answer>;
}

/** A provider's server. */
export interface Role {
	readonly provider: Provider;
	/** Finds out what is asked for; answering waits, since a fault may come first. */
	place(received: Received): Place;
	/** The API's answer to a token that is not accepted. */
	refusal(): Answer;
	/** The token endpoint's answer to a wrong secret. */
	wrongSecret(): Answer;
	/** May look at the journal's entry, to mark it. */
	mark?(received: Received, entry: RecordedRequest): void;
}

/** A server that listens. */
export interface Listening {
	readonly origin: string;
	stop(): Promise<void>;
}

/** Serves a role on loopback: every request is recorded, misbehaved to if asked for, and answered. */
export function serve(world: World, role: Role, port = 0): Promise<Listening> {
	const server = createServer((request, response) => {
		read(request, (body) => void handle(world, role, request, response, body));
	});
	server.on('connection', () => world.journal.of(role.provider).connections++);
	return listen(server, port);
}

/** Starts a server on 127.0.0.1. */
export function listen(server: Server, port = 0): Promise<Listening> {
	// Longer than any client keeps a connection idle: a reused connection is never closed under its request.
	server.keepAliveTimeout = 120_000;
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => {
			resolve({
				origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
				stop: () =>
					new Promise((done) => {
						server.close(() => done());
						server.closeAllConnections();
					}),
			});
		});
	});
}

/** Reads a body to its end. */
export function read(request: IncomingMessage, done: (body: string) => void): void {
	const chunks: Buffer[] = [];
	request.on('data', (chunk: Buffer) => chunks.push(chunk));
	request.on('end', () => done(chunks.length === 0 ? '' : Buffer.concat(chunks).toString()));
}

/** The request in the shape that roles work with. */
export function receivedOf(request: IncomingMessage, body: string): Received {
	const url = request.url ?? '/';
	const mark = url.indexOf('?');
	return {
		method: request.method ?? 'GET',
		path: mark < 0 ? url : url.slice(0, mark),
		query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
		url,
		headers: request.headers,
		body,
		ip: request.socket.remoteAddress ?? '',
	};
}

async function handle(
	world: World,
	role: Role,
	request: IncomingMessage,
	response: ServerResponse,
	body: string,
): Promise<void> {
	const received = receivedOf(request, body);
	const place = role.place(received);
	const entry = world.journal.begin({
		provider: role.provider,
		endpoint: place.endpoint,
		operation: place.operation,
		method: received.method,
		path: received.url,
		headers: received.headers,
		body: body.slice(0, 65_536),
		port: request.socket.remotePort ?? 0,
	});
	role.mark?.(received, entry);
	const outcome = await answerTo(world, role, place, entry);
	if (response.destroyed) {
		world.journal.end(entry, 0);
	} else if (outcome === 'hang') {
		response.once('close', () => world.journal.end(entry, 0));
	} else if (outcome === 'reset') {
		world.journal.end(entry, 0);
		request.socket.resetAndDestroy();
	} else {
		world.journal.end(entry, outcome.status);
		send(response, outcome);
	}
}

async function answerTo(
	world: World,
	role: Role,
	place: Place,
	entry: RecordedRequest,
): Promise<Outcome> {
	try {
		const fault = world.faults.take(role.provider, place.endpoint, place.operation);
		if (fault === undefined) return await place.answer();
		entry.fault = fault.kind;
		return await misbehave(fault, {
			process: place.answer,
			refusal: () => role.refusal(),
			wrongSecret: () => role.wrongSecret(),
			foreign: `${world.urls.foreign}/landed`,
		});
	} catch (error) {
		return json(500, { sandboxError: String(error) });
	}
}

function send(response: ServerResponse, answer: Answer): void {
	const { body = '' } = answer;
	response.writeHead(answer.status, {
		...answer.headers,
		'content-length': Buffer.byteLength(body),
	});
	response.end(body);
}
