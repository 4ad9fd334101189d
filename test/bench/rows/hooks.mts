import type { ICredentialDataDecryptedObject, ICredentialType, IHttpRequestOptions } from 'n8n-workflow';
import { executeContext, loadPackage, newRow } from '../../contract/n8nContext.mts';
import type { Bench } from '../bench.mts';
import { sample, type Sample } from '../statistics.mts';

/** µs of the processor that `authenticate` takes on a usable token, garbage collection included. */
export interface HookCost {
	/** As n8n's HTTP Request node calls it: fields and record are read anew each time. */
	readonly freshObject: Sample;
	/** As our own nodes' requests call it: the same object each time. */
	readonly sameObject: Sample;
}

const CALLS = 20_000;
const ROUNDS = 7;

/** In this process: the hook alone, without n8n around it. */
export async function hookCost({ sandbox, client }: Bench): Promise<HookCost> {
	const credential = new (loadPackage().CalensoApi as new () => ICredentialType)();
	const fields = client('calensoApi');
	const row = newRow('calensoApi', fields as never);
	const url = `${String(fields.baseUrl)}/workers`;
	const context = executeContext({ row, credential });
	await context.helpers.httpRequestWithAuthentication.call(context, row.type, { url });
	await sandbox.reset();
	const authenticate = credential.authenticate as (
		data: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	) => Promise<IHttpRequestOptions>;

	async function cost(next: () => ICredentialDataDecryptedObject): Promise<Sample> {
		const rounds: number[] = [];
		for (let round = 0; round <= ROUNDS; round++) {
			const before = process.cpuUsage();
			for (let call = 0; call < CALLS; call++) {
				await authenticate(next(), { url, method: 'GET', headers: { accept: 'application/json' } });
			}
			const { user, system } = process.cpuUsage(before);
			if (round > 0) rounds.push((user + system) / CALLS);
		}
		return sample(rounds);
	}
	const same = { ...row.data };
	return {
		freshObject: await cost(() => ({ ...row.data })),
		sameObject: await cost(() => same),
	};
}
