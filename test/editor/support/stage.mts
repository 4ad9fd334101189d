import { openEditor, type EditorBrowser } from '../../n8n/browser.mts';
import { startN8n, type N8n } from '../../n8n/instance.mts';
import { packPackage } from '../../n8n/package.mts';
import { whenThisProcessEnds } from '../../n8n/shutdown.mts';
import { spawnSandbox, type SandboxClient } from '../../sandbox/client.mts';

/** A real n8n with the package, the providers on loopback, and a person in front of it. */
export interface Stage {
	readonly n8n: N8n;
	readonly sandbox: SandboxClient;
	readonly editor: EditorBrowser;
	/** Access and refresh tokens that all providers have issued so far. */
	tokensIssued: () => Promise<number>;
	stop: () => Promise<void>;
}

/** Starts all of it; needs what `npm run build` makes. */
export async function startStage(): Promise<Stage> {
	// bookingtime's five minutes would be over in the middle of a slow run.
	const sandbox = await spawnSandbox({ settings: { bookingtime: { accessLifetime: 86_400 } } });
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	const n8n = await startN8n({ packageTarball: await packPackage() });
	const editor = await openEditor(n8n, { width: 1280, height: 800 });
	return {
		n8n,
		sandbox,
		editor,
		tokensIssued: async () =>
			Object.values(await sandbox.counts()).reduce(
				(sum, { tokensIssued }) => sum + tokensIssued,
				0,
			),
		stop: async () => {
			await editor.close();
			await n8n.stop();
			await sandbox.stop();
		},
	};
}
