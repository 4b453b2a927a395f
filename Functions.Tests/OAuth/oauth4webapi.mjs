// A game made of npm's oauth4webapi, used as its documentation says: it knows the broker's address and its client id, and nothing else.
// Usage: node oauth4webapi.mjs <issuer> <client-id> <scope>. Prints "Open …", then the tokens as JSON.
import { createServer } from 'node:http';
import * as oauth from 'oauth4webapi';

const [broker, clientId, scope] = process.argv.slice(2);
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(broker);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }));
const client = { client_id: clientId };

const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
const listener = createServer();
await new Promise((ready) => listener.listen(0, '127.0.0.1', ready));
const redirectUri = `http://127.0.0.1:${listener.address().port}/callback`;
const url = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({
  response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state, ...(scope && { scope }),
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
})) url.searchParams.set(name, value);
console.log(`Open ${url}`);

const callback = await new Promise((arrived) => listener.on('request', (request, response) => {
  response.end('done');
  arrived(new URL(request.url, redirectUri));
}));
listener.close();
const parameters = oauth.validateAuthResponse(server, client, callback, state);
const reply = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirectUri, verifier, insecure);
const tokens = await oauth.processAuthorizationCodeResponse(server, client, reply);
if (tokens.refresh_token) {
  const refresh = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token, insecure);
  const refreshed = await oauth.processRefreshTokenResponse(server, client, refresh);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, oauth.None(), refreshed.refresh_token, insecure));
}
console.log(JSON.stringify(tokens));
