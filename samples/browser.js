// A game in a browser (or in Node): signs its player in by the device flow. Broker__AllowedOrigins must name the game's origin.
export async function signIn(broker, app, show, scope = '') {
  const post = async (path, fields) => (await fetch(broker + path, { method: 'POST', body: new URLSearchParams(fields) })).json();
  const device = await post('/device_authorization', { client_id: app, ...(scope && { scope }) });
  show(device);
  for (let interval = device.interval; ;) {
    await new Promise((done) => setTimeout(done, interval * 1000));
    const reply = await post('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: app, device_code: device.device_code,
    });
    if (reply.error === 'slow_down') interval += 5;
    else if (reply.error !== 'authorization_pending') return reply;
  }
}
