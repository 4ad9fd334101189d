import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { readBookingtime } from '../../../credentials/providers/bookingtime';
import { readCalenso } from '../../../credentials/providers/calenso';
import { readCustom } from '../../../credentials/providers/custom';
import { readFusio } from '../../../credentials/providers/fusio';
import { readMeister1 } from '../../../credentials/providers/meister1';
import type { ReadIssuer } from '../../../credentials/tokens/issuer';

type Fields = ICredentialDataDecryptedObject;

export const calenso: Fields = {
	clientId: 'calenso-client',
	clientSecret: 'calenso-secret',
	environment: 'production',
	audience: 'https://my.calenso.com/api/v1',
	monthlyBudget: 31,
};

export const bookingtime: Fields = {
	clientId: '70client',
	clientSecret: 'bookingtime-secret',
	baseUrl: 'https://api.bookingtime.com',
	tokenUrl: 'https://auth.bookingtime.com/oauth/token',
	apiKind: 'app',
	locale: 'de',
	organizationId: 'f6own',
	monthlyBudget: 0,
};

export const meister1: Fields = {
	clientId: 'server-user',
	clientSecret: 'meister1-secret',
	baseUrl: 'https://auth.meister1.com/v1',
	monthlyBudget: 0,
};

export const fusio: Fields = {
	baseUrl: 'https://fusio.example',
	wayIn: 'clientCredentials',
	appKey: 'app-key',
	appSecret: 'app-secret',
	username: 'person',
	password: 'person-password',
	scopes: 'authorization, todo',
	renewBy: 'askAnew',
	monthlyBudget: 0,
};

/** The Custom Token API credential as its form is filled in before anybody types. */
export const customDefaults: Fields = {
	grant: 'clientCredentials',
	clientProof: 'body',
	clientId: '',
	clientSecret: '',
	username: '',
	password: '',
	bodyFormat: 'form',
	ownBody: '{ "apiKey": "$clientSecret" }',
	extraParameters: '{}',
	requestHeaders: '{}',
	grantTypeField: 'grant_type',
	clientIdField: 'client_id',
	clientProofField: 'client_secret',
	usernameField: 'username',
	passField: 'password',
	accessPath: 'access_token',
	expiryPath: 'expires_in',
	lifetime: 3600,
	renewBy: 'askAnew',
	refreshPath: 'refresh_token',
	refreshField: 'refresh_token',
	refreshUrl: '',
	refreshMethod: 'POST',
	refreshSendsClient: true,
	refreshParameters: '{}',
	refreshRotates: true,
	headerName: 'Authorization',
	headerPrefix: 'Bearer',
	additionalHosts: '',
	monthlyBudget: 0,
	testPath: '',
};

export const custom: Fields = {
	...customDefaults,
	baseUrl: 'https://api.example/v1',
	tokenUrl: 'https://auth.example/token',
	clientId: 'custom-client',
	clientSecret: 'custom-secret',
};

export const TOKEN_URL = {
	calenso: 'https://calenso.eu.auth0.com/oauth/token',
	bookingtime: 'https://auth.bookingtime.com/oauth/token',
	meister1: 'https://auth.meister1.com/v1/token',
	custom: 'https://auth.example/token',
};

export const reads = {
	calenso: readCalenso,
	bookingtime: readBookingtime,
	meister1: readMeister1,
	fusio: readFusio,
	custom: readCustom,
} satisfies Record<string, ReadIssuer>;
