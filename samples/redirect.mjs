// A game on Node, with openid-client (npm): the player comes back to a port of this machine (RFC 8252) without typing anything.
// Usage: node samples/redirect.mjs [broker] [app] [scope]
import { createServer } from 'node:http';
import * as client from 'openid-client';

const [broker = 'http://localhost:7071', app = 'aura', scope = ''] = process.argv.slice(2);
const insecure = broker.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {}; // a local run
const config = await client.discovery(new URL(broker), app, undefined, client.None(), insecure);

const [verifier, state] = [client.randomPKCECodeVerifier(), client.randomState()];
const listener = createServer();
await new Promise((ready) => listener.listen(0, '127.0.0.1', ready));
const redirectUri = `http://127.0.0.1:${listener.address().port}/callback`;
console.log(`Open ${client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri, state, ...(scope && { scope }),
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
})}`);

const callback = await new Promise((arrived) => listener.on('request', (request, response) => {
  const url = new URL(request.url, redirectUri);
  if (url.pathname !== '/callback') return response.writeHead(404).end();
  response.end('You can close this page and go back to the game.');
  arrived(url);
}));
listener.close();
const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state });
console.log(JSON.stringify(tokens));

if (tokens.refresh_token) {
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token);
  console.log('Refreshed, and signed out again.');
}
