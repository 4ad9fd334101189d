import type { ReadIssuer } from '../tokens/issuer';
import { readBookingtime } from './bookingtime';
import { readBookingtimeSignIn } from './bookingtimeSignIn';
import { readCalenso } from './calenso';
import { readCustom } from './custom';
import { readFusio } from './fusio';
import { readMeister1 } from './meister1';

/** How each credential type of this package becomes an issuer of tokens. */
export const issuers = {
	calensoApi: readCalenso,
	bookingtimeApi: readBookingtime,
	bookingtimeOAuth2Api: readBookingtimeSignIn,
	meister1Api: readMeister1,
	fusioApi: readFusio,
	customTokenApi: readCustom,
} satisfies Record<string, ReadIssuer>;

/** The credential types of this package. */
export type CredentialName = keyof typeof issuers;
