// Games made of npm's openid-client and oauth4webapi that want to know who the player is: everything by discovery, and the ID token's
// signature checked too. Usage: node openid.mjs <library> <issuer> <client-id> <scope>. Prints "Open …", then the claims as JSON.
import { createServer } from 'node:http';
import * as client from 'openid-client';
import * as oauth from 'oauth4webapi';

const [library, broker, clientId, scope] = process.argv.slice(2);
const issuer = new URL(broker);
const listener = createServer();
await new Promise((ready) => listener.listen(0, '127.0.0.1', ready));
const redirectUri = `http://127.0.0.1:${listener.address().port}/callback`;
const callback = new Promise((arrived) => listener.on('request', (request, response) => {
  response.end('done');
  arrived(new URL(request.url, redirectUri));
}));
const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
const parameters = {
  redirect_uri: redirectUri, scope, state, nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
};

let claims;
if (library === 'openid-client') {
  const config = await client.discovery(issuer, clientId, undefined, client.None(), {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });
  console.log(`Open ${client.buildAuthorizationUrl(config, parameters)}`);
  const tokens = await client.authorizationCodeGrant(config, await callback, {
    pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, maxAge: 60,
  });
  claims = tokens.claims();
} else {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  const url = new URL(server.authorization_endpoint);
  for (const [name, value] of Object.entries({ response_type: 'code', client_id: clientId, ...parameters })) url.searchParams.set(name, value);
  console.log(`Open ${url}`);
  const game = { client_id: clientId };
  const answer = oauth.validateAuthResponse(server, game, await callback, state);
  const reply = await oauth.authorizationCodeGrantRequest(server, game, oauth.None(), answer, redirectUri, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(server, game, reply, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(server, reply, insecure);
  claims = oauth.getValidatedIdTokenClaims(tokens);
}
listener.close();
console.log(JSON.stringify(claims));
