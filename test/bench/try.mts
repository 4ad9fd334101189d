import { startBench } from './bench.mts';
import { contenders } from './contenders.mts';
import { floorOf } from './floor.mts';
import { startDelayingProxy } from './delayingProxy.mts';
import { writeFileSync } from 'node:fs';
const b = await startBench(true);
try {
	for (const task of ['list', 'customer'] as const) {
		const f = await floorOf(b.sandbox.info, task, b.client(task === 'list' ? 'calensoApi' : 'bookingtimeApi'));
		for (let r = 0; r < 3; r++) console.log('floor', task, await f.run(1000));
		await f.close();
		for (const c of contenders) {
			if (b.workshop.inability(c, task)) continue;
			const live = await b.workshop.make(c, task, { items: 1000 });
			await b.sandbox.reset();
			for (let r = 0; r < 3; r++) console.log(c, task, await b.nodeTime(live));
			const counts = (await b.sandbox.counts())[task === 'list' ? 'calenso' : 'bookingtime'];
			console.log(counts.tokensIssued, counts.apiRefused, counts.apiRequests, counts.connections, counts.maxConcurrentApi);
			if (process.argv[2]) { const p = await b.inspector.profile(async () => { for (let i = 0; i < 3; i++) console.log(await b.nodeTime(live)); }); writeFileSync(`/tmp/benchcopy/prof1/${c}-${task}.cpuprofile`, JSON.stringify(p)); }
		}
	}
	for (const c of contenders) {
		const live = await b.workshop.make(c, 'link', { redirects: true });
		for (let i = 0; i < 5; i++) { const t = performance.now(); const r = await live.call(); console.log(c, r.status, r.headers.get('location'), r.text.slice(0, 100), performance.now() - t); }
	}
	const proxy = await startDelayingProxy({ ...b.certificate, targetPort: Number(new URL(b.sandbox.info.urls.calenso).port), roundTrip: 20 });
	const f = await floorOf(b.sandbox.info, 'list', b.client('calensoApi'), { origin: proxy.origin, ca: b.certificate.certificate });
	console.log('floor tls', await f.run(300), await f.run(300), await proxy.connections());
	for (const c of contenders) {
		const live = await b.workshop.make(c, 'list', { items: 300, origin: proxy.origin });
		for (let r = 0; r < 3; r++) { const was = await proxy.connections(); console.log(c, 'tls', await b.nodeTime(live), await proxy.connections() - was); }
	}
	await f.close();
	await proxy.stop();
	console.log('retained', await b.inspector.retained());
} finally { await b.stop(); }
