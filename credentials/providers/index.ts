import type { ReadSource } from '../tokens/source';
import { readBookingtime } from './bookingtime';
import { readBookingtimeSignIn } from './bookingtimeSignIn';
import { readCalenso } from './calenso';
import { readCustom } from './custom';
import { readFusio } from './fusio';
import { readMeister1 } from './meister1';

/** How each credential type of this package becomes a source of tokens. */
export const sources = {
	calensoApi: readCalenso,
	bookingtimeApi: readBookingtime,
	bookingtimeOAuth2Api: readBookingtimeSignIn,
	meister1Api: readMeister1,
	fusioApi: readFusio,
	customTokenApi: readCustom,
} satisfies Record<string, ReadSource>;

/** The credential types of this package. */
export type CredentialName = keyof typeof sources;
