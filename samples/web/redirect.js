// Signs a player of a browser game in by redirect: in a popup, or in the same tab. Without a library, to show all there is to it.
// Apps__{app}__RedirectUris must name the page that the player comes back to, and Broker__AllowedOrigins its origin.
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** The address that begins a sign-in; what its answer needs waits in this tab's storage. */
async function begin({ broker, app, scope, redirectUri }) {
  const [state, verifier] = [random(), random()];
  sessionStorage.setItem(`sign-in ${state}`, JSON.stringify({ broker, app, redirectUri, verifier }));
  const challenge = base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
  const query = new URLSearchParams({
    response_type: 'code', client_id: app, redirect_uri: redirectUri, state, code_challenge: challenge, code_challenge_method: 'S256',
  });
  if (scope) query.set('scope', scope);
  return `${broker}/authorize?${query}`;
}

/** Redeems what came back: the tokens, or an error that says why there are none. */
export async function redeem(query) {
  const answer = new URLSearchParams(query);
  const key = `sign-in ${answer.get('state')}`;
  const began = JSON.parse(sessionStorage.getItem(key));
  sessionStorage.removeItem(key);
  if (!began) throw new Error('This answer belongs to no sign-in of this tab.');
  if (answer.get('iss') !== began.broker) throw new Error('This answer is not from the broker.');
  if (answer.has('error')) throw new Error(`${answer.get('error')}: ${answer.get('error_description') ?? ''}`);
  const reply = await fetch(`${began.broker}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: began.redirectUri, client_id: began.app,
      code_verifier: began.verifier,
    }),
  });
  const tokens = await reply.json();
  if (!reply.ok) throw new Error(tokens.error);
  return tokens;
}

/** Leaves the game for the sign-in; the page at redirectUri calls redeem(location.search). */
export async function signInHere(settings) {
  location.assign(await begin(settings));
}

/** Signs in beside the game; the page at redirectUri is callback.html. Call it from a click, or the browser blocks the popup. */
export async function signInByPopup(settings) {
  const popup = open('about:blank', 'sign-in', 'width=480,height=720');
  popup.location = await begin(settings);
  const query = await new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      if (popup.closed) end(() => reject(new Error('The window was closed.')));
    }, 500);
    const heard = (event) => {
      if (event.origin === location.origin && event.source === popup) end(() => resolve(event.data));
    };
    const end = (then) => {
      clearInterval(watch);
      removeEventListener('message', heard);
      then();
    };
    addEventListener('message', heard);
  });
  popup.close();
  return redeem(query);
}
