// A game made of npm's openid-client, used as its documentation says: it knows the broker's address and its client id, and nothing else.
// Usage: node device.mjs <issuer> <client-id> <scope>. Prints the codes, then the tokens, each as one line of JSON.
import * as client from 'openid-client';

const [issuer, clientId, scope] = process.argv.slice(2);
const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
  algorithm: 'oauth2',
  execute: [client.allowInsecureRequests],
});
const device = await client.initiateDeviceAuthorization(config, scope ? { scope } : {});
console.log(JSON.stringify(device));

const tokens = await client.pollDeviceAuthorizationGrant(config, device);
let refreshed = null;
let refused = null;
if (tokens.refresh_token) {
  refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token, { token_type_hint: 'refresh_token' });
  refused = await client.refreshTokenGrant(config, refreshed.refresh_token).then(() => null, (error) => error.error);
}
await client.tokenRevocation(config, (refreshed ?? tokens).access_token);
console.log(JSON.stringify({ tokens, refreshed, refused }));
