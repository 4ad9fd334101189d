const { tokenProperty, textFields, bearer } = require('./shared.js');

/** n8n's stock pattern with Meister1's field names. For the bench only. */
class BenchMeister1Api {
	name = 'benchMeister1Api';
	displayName = 'Bench: Meister1, Stock Pattern';
	properties = [tokenProperty, ...textFields('baseUrl', 'clientId', 'clientSecret')];

	async preAuthentication({ baseUrl, clientId, clientSecret }) {
		const { accessToken } = await this.helpers.httpRequest({
			method: 'POST',
			url: `${baseUrl}/token`,
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: { clientId, clientSecret, grantType: 'client_credentials' },
		});
		return { accessToken };
	}

	authenticate = bearer;
	test = { request: { baseURL: '={{$credentials.baseUrl}}', url: '/', ignoreHttpStatusErrors: true } };
}

module.exports = { BenchMeister1Api };
