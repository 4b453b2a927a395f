// A game's own server on Node, with jose (npm): it lets a player in by the broker's ID token, and nobody else.
// Usage: node samples/backend.mjs [broker] [app] [port]
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const [broker = 'http://localhost:7071', app = 'aura', port = '5081'] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(`${broker}/jwks`));
createServer(async (request, response) => {
  try {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const { payload } = await jwtVerify(token, keys, {
      issuer: broker, audience: app, algorithms: ['RS256', 'ES256'], clockTolerance: 120, requiredClaims: ['sub', 'exp'],
    });
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ player: payload.sub, provider: payload.idp }));
  } catch {
    response.writeHead(401).end();
  }
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
