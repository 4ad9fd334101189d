/** The parts of a token request and its reply under one name, as they stood here before they were taken apart. */
export { valueAt as pick, parseJson } from './json';
export { readExpiry, readJwtExpiry } from './expiry';
export { basicHeader, formRequest, jsonRequest, type TokenRequest } from './request';
export { readIssuedToken, type IssuedToken, type ReplyFields, type TokenReply } from './reply';
export { inWords, readRefusal } from './refusal';
export { readRetryAfter } from './retryAfter';
