import { inventAccounts } from './accounts.mts';
import type { Accounts } from './accounts.mts';
import { Faults } from './faults.mts';
import { Journal } from './journal.mts';
import { changeSettings, defaultSettings } from './settings.mts';
import type { Settings, SettingsChange } from './settings.mts';
import { TokenBook } from './tokens.mts';

/** Where everything is, without trailing slashes. */
export interface Urls {
	control: string;
	calenso: string;
	calensoAuth: string;
	bookingtime: string;
	bookingtimeAuth: string;
	meister1: string;
	fusio: string;
	custom: string;
	foreign: string;
}

/** What all servers of one sandbox share. */
export interface World {
	readonly settings: Settings;
	readonly accounts: Accounts;
	readonly tokens: TokenBook;
	readonly journal: Journal;
	readonly faults: Faults;
	/** Origins, filled in as the servers start to listen. */
	readonly urls: Urls;
	/** Called on a reset: a server forgets what it holds against its clients (bans, rates; tokens: monthly counts too). */
	readonly onReset: Array<(what: { tokens: boolean }) => void>;
}

/** A world in which nothing has happened yet. */
export function newWorld(settings: SettingsChange = {}, accounts: Partial<Accounts> = {}): World {
	const world: World = {
		settings: defaultSettings(),
		accounts: { ...inventAccounts(), ...accounts },
		tokens: new TokenBook(),
		journal: new Journal(),
		faults: new Faults(),
		urls: {
			control: '',
			calenso: '',
			calensoAuth: '',
			bookingtime: '',
			bookingtimeAuth: '',
			meister1: '',
			fusio: '',
			custom: '',
			foreign: '',
		},
		onReset: [],
	};
	changeSettings(world.settings, settings);
	return world;
}
