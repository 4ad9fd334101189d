import type { Info } from '../../sandbox/info.mts';
import type { Entries } from './credentialDialog.mts';

/** How a person fills in one kind of credential: first what a documentation shows, then mistakes, then all of it right. */
export interface Person {
	readonly type: string;
	/** As n8n lists it. */
	readonly typeName: string;
	/** What n8n calls the first one by itself. */
	readonly name: string;
	/** Name of its picture. */
	readonly picture: string;
	/** As in a documentation: the provider's own addresses, and values that are an example. */
	readonly example: Entries;
	/** Fields that must not bother anybody who has the usual case. */
	readonly hidden: readonly string[];
	readonly mistakes: ReadonlyArray<{ readonly fields: Entries; readonly told: RegExp }>;
	readonly right: Entries;
}

export function peopleWith(info: Info): Person[] {
	const { calensoApi, bookingtimeApi, meister1Api, fusioApi, customTokenApi } = info.credentials;
	const withoutScheme = (url: string) => url.replace(/^https?:\/\//, '');
	return [
		{
			type: 'calensoApi',
			typeName: 'Calenso API',
			name: 'Calenso account',
			picture: 'credential-calenso',
			example: { clientId: 'bFq3xkVn0Tz8Rw', clientSecret: 'your-client-secret' },
			hidden: ['baseUrl', 'tokenUrl'],
			mistakes: [
				{
					fields: {
						environment: { choose: 'Custom' },
						baseUrl: withoutScheme(calensoApi.baseUrl),
						tokenUrl: calensoApi.tokenUrl,
						clientId: calensoApi.clientId,
						clientSecret: 'not-the-secret',
					},
					told: /The field API Base URL has no https:\/\/\. Enter the whole address\./,
				},
				{
					fields: { baseUrl: calensoApi.baseUrl },
					told: /Calenso refused the client id or secret \(401.*\)\. Check what you entered/,
				},
			],
			right: { clientSecret: calensoApi.clientSecret },
		},
		{
			type: 'bookingtimeApi',
			typeName: 'Bookingtime API',
			name: 'Bookingtime account',
			picture: 'credential-bookingtime',
			example: {
				clientId: '70QwErTzUiOp',
				clientSecret: 'your-client-secret',
				organizationId: 'f6AsDfGhJkLy',
			},
			hidden: [],
			mistakes: [
				{
					fields: {
						clientId: bookingtimeApi.clientId,
						clientSecret: 'not-the-secret',
						organizationId: `organization/${bookingtimeApi.organizationId}`,
						baseUrl: bookingtimeApi.baseUrl,
						tokenUrl: bookingtimeApi.tokenUrl,
					},
					told: /The field Organization ID holds a character that no id has/,
				},
				{
					fields: { organizationId: bookingtimeApi.organizationId },
					told: /bookingtime refused the client id or secret \(401/,
				},
			],
			right: { clientSecret: bookingtimeApi.clientSecret },
		},
		{
			type: 'meister1Api',
			typeName: 'Meister1 API',
			name: 'Meister1 account',
			picture: 'credential-meister1',
			example: { clientId: 'server-user', clientSecret: 'your-client-secret' },
			hidden: [],
			mistakes: [
				{
					fields: {
						clientId: meister1Api.clientId,
						clientSecret: ' ',
						baseUrl: meister1Api.baseUrl,
					},
					told: /The field Client Secret is empty\. Fill it in\./,
				},
				{
					fields: { clientSecret: 'not-the-secret' },
					told: /Meister1 refused the client id or secret \(/,
				},
			],
			right: { clientSecret: meister1Api.clientSecret },
		},
		{
			type: 'fusioApi',
			typeName: 'Fusio API',
			name: 'Fusio account',
			picture: 'credential-fusio',
			example: {
				baseUrl: 'https://api.example.com',
				appKey: '5347307d-d801-4075-9aaa-a21a29a448c5',
				appSecret: 'your-app-secret',
			},
			hidden: ['username', 'password'],
			mistakes: [
				{
					fields: {
						baseUrl: withoutScheme(fusioApi.baseUrl),
						appKey: fusioApi.appKey,
						appSecret: 'wrong',
					},
					told: /The field Base URL has no https:\/\//,
				},
				{
					fields: { baseUrl: fusioApi.baseUrl },
					told: /Fusio refused the client id or secret \(/,
				},
				{
					fields: { appSecret: fusioApi.appSecret, testPath: '/nothing/here' },
					told: /A token was issued, but there is nothing at the Test Path \(404\)\. Enter another one\./,
				},
			],
			right: { testPath: '/authorization/whoami' },
		},
		{
			type: 'customTokenApi',
			typeName: 'Custom Token API',
			name: 'Custom Token account',
			picture: 'credential-custom',
			example: {
				baseUrl: 'https://api.example.com/v1',
				tokenUrl: 'https://auth.example.com/oauth/token',
				clientId: 'my-client',
				clientSecret: 'your-client-secret',
			},
			hidden: ['username', 'password', 'ownBody', 'requestHeaders', 'headerName', 'refreshPath'],
			mistakes: [
				{
					fields: {
						grant: { choose: 'Log-In with Name and Password' },
						baseUrl: customTokenApi.baseUrl,
						tokenUrl: customTokenApi.tokenUrl,
						username: customTokenApi.username,
						password: 'not-the-password',
						bodyFormat: { choose: 'JSON' },
						expiryPath: customTokenApi.expiryPath,
						testPath: '/items',
						moreOptions: { on: true },
						headerName: customTokenApi.headerName,
						headerPrefix: customTokenApi.headerPrefix,
					},
					told: /\w:\d+ refused the name or password \(401/,
				},
				{
					fields: { password: customTokenApi.password },
					told: /with no token in it\. It was looked for at “access_token”\. The reply has “data\.auth\.jwt”.* Token in Reply/,
				},
			],
			right: { accessPath: customTokenApi.tokenPath },
		},
	];
}
