const { tokenProperty, textFields, bearer } = require('./shared.js');

/** n8n's stock pattern for a token that takes two steps: both are taken each time. For the bench only. */
class BenchBookingtimeApi {
	name = 'benchBookingtimeApi';
	displayName = 'Bench: bookingtime, Stock Pattern';
	properties = [
		tokenProperty,
		...textFields('baseUrl', 'tokenUrl', 'clientId', 'clientSecret', 'organizationId'),
	];

	async preAuthentication({ tokenUrl, clientId, clientSecret, organizationId }) {
		const ask = async (body) =>
			await this.helpers.httpRequest({
				method: 'POST',
				url: tokenUrl,
				headers: { 'content-type': 'application/x-www-form-urlencoded' },
				body: { client_id: clientId, ...body },
			});
		const { refresh_token } = await ask({
			grant_type: 'client_credentials',
			client_secret: clientSecret,
		});
		const { access_token } = await ask({
			grant_type: 'refresh_token',
			refresh_token,
			organization_id: organizationId,
		});
		return { accessToken: access_token };
	}

	authenticate = bearer;
	test = { request: { baseURL: '={{$credentials.baseUrl}}', url: '/app/v3/de/static/language/list' } };
}

module.exports = { BenchBookingtimeApi };
