import { findErrorText } from '../../../credentials/tokens/errorWords';

describe('What an API says in an error is found', () => {
	it.each<[string, unknown, string]>([
		['OAuth', { error: 'invalid', error_description: 'No such user' }, 'No such user'],
		['problem details', { title: 'Out of credit', status: 403 }, 'Out of credit'],
		['bookingtime', { messageList: [{ parameter: 'email', text: 'wrong' }] }, 'email: wrong'],
		['GraphQL', { errors: [{ message: 'No field' }, { message: 'Too deep' }] }, 'No field Too deep'],
		['JSON:API', { errors: [{ title: 'Invalid', detail: 'Name is too short' }] }, 'Name is too short'],
		['Rails', { errors: { name: ['is too short'], mail: 'is taken' } }, 'name: is too short. mail: is taken.'],
		['Laravel', { message: 'Invalid.', errors: { name: ['Required.'] } }, 'Invalid. name: Required.'],
		['NestJS', { message: ['name is empty', 'age is 0'], error: 'Bad Request' }, 'name is empty age is 0'],
		['FastAPI', { detail: [{ loc: ['body', 'x'], msg: 'field required' }] }, 'field required'],
		['Jira', { errorMessages: ['No such issue'], errors: {} }, 'No such issue'],
		['Salesforce', [{ message: 'Session expired', errorCode: 'X' }], 'Session expired'],
		['OData', { error: { code: '1', message: { lang: 'en', value: 'No such order' } } }, 'No such order'],
		['Google', { error: { code: 400, message: 'Bad filter' } }, 'Bad filter'],
		['Apigee', { fault: { faultstring: 'Quota exceeded' } }, 'Quota exceeded'],
		['Microsoft', { Message: 'The request is invalid.' }, 'The request is invalid.'],
		['S3', '<?xml version="1.0"?><Error><Code>X</Code><Message>Expired</Message></Error>', 'Expired'],
		[
			'SOAP',
			'<s:Envelope><s:Body><s:Fault><faultstring>No order 7</faultstring></s:Fault></s:Body></s:Envelope>',
			'No order 7',
		],
		['a web page', '<html><body>Error</body></html>', ''],
		['a text', 'Stack trace: secret', ''],
		['nothing', null, ''],
		['a circle of errors', { error: { error: { error: { error: { message: 'deep' } } } } }, ''],
	])('as %s has it', (_, body, words) => {
		expect(findErrorText(body) ?? '').toBe(words);
	});
});
