const { tokenProperty, textFields, bearer } = require('./shared.js');

/** n8n's stock pattern (as in its own MetabaseApi): fetch a token, return it, attach it. For the bench only. */
class BenchCalensoApi {
	name = 'benchCalensoApi';
	displayName = 'Bench: Calenso, Stock Pattern';
	properties = [
		tokenProperty,
		...textFields('baseUrl', 'tokenUrl', 'clientId', 'clientSecret', 'audience'),
	];

	async preAuthentication({ tokenUrl, clientId, clientSecret, audience }) {
		const { access_token } = await this.helpers.httpRequest({
			method: 'POST',
			url: tokenUrl,
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: {
				grant_type: 'client_credentials',
				client_id: clientId,
				client_secret: clientSecret,
				audience,
			},
		});
		return { accessToken: access_token };
	}

	authenticate = bearer;
	test = { request: { baseURL: '={{$credentials.baseUrl}}', url: '/workers' } };
}

module.exports = { BenchCalensoApi };
