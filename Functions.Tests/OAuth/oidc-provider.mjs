// A real OpenID Connect server for the tests: proof keys required, refresh tokens rotated, iss in the redirect.
// Usage: node oidc-provider.mjs <port> <redirect-uri>
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'game',
    client_secret: 'game secret: with + and %',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  claims: { openid: ['sub'], profile: ['name'] },
  cookies: { keys: ['test'] },
  features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
