/** As in n8n's built-in credentials: hidden, expirable, empty at first. */
const tokenProperty = {
	displayName: 'Access Token',
	name: 'accessToken',
	type: 'hidden',
	typeOptions: { expirable: true },
	default: '',
};

const textFields = (...names) =>
	names.map((name) => ({
		displayName: name,
		name,
		type: 'string',
		default: '',
		...(/secret/i.test(name) ? { typeOptions: { password: true } } : {}),
	}));

const bearer = {
	type: 'generic',
	properties: { headers: { Authorization: '=Bearer {{$credentials.accessToken}}' } },
};

module.exports = { tokenProperty, textFields, bearer };
