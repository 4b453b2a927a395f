// What the Functions host does for a worker with ASP.NET Core integration, as far as one app needs it: starts it, loads its functions, tells it of
// each request by gRPC and passes the request itself on over HTTP. Arguments: the app's assembly, the gRPC messages' descriptors, the port.
// It ends, and the worker with it, when its standard input does.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [assembly, descriptors, port] = process.argv.slice(2);
const app = path.dirname(assembly);
const messages = loader.loadFileDescriptorSetFromBuffer(readFileSync(descriptors), { keepCase: true, enums: String, oneofs: true });
const results = new Map(); // of invocations, for who asks
const logs = [];
let worker, address, child, functions = [];

// Descriptors of maps load as lists of entries, which is what they are on the wire.
const map = object => Object.entries(object).map(([key, value]) => ({ key, value }));
const send = message => worker.write({ request_id: randomUUID(), ...message });
const trigger = (of, type) => of.bindings.find(binding => binding.type.toLowerCase() === type);

const answers = {
  start_stream: () => send({ worker_init_request: { host_version: '4.1041.0', function_app_directory: app, worker_directory: app, capabilities: map({ RpcHttpBodyOnly: 'true' }) } }),
  worker_init_response: ({ capabilities }) => {
    address = new URL(capabilities.find(({ key }) => key === 'HttpUri').value);
    send({ functions_metadata_request: { function_app_directory: app } });
  },
  function_metadata_response: ({ function_metadata_results }) => {
    functions = function_metadata_results.map(metadata => ({ id: metadata.function_id, name: metadata.name, bindings: metadata.raw_bindings.map(text => JSON.parse(text)) }))
      .sort((one, other) => one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1);
    for (const metadata of function_metadata_results) send({ function_load_request: { function_id: metadata.function_id, metadata } });
  },
  function_load_response: ({ function_id, result }) => {
    if (result.status !== 'Success') throw new Error(`${function_id}: ${JSON.stringify(result)}`);
    functions.find(({ id }) => id === function_id).loaded = true;
    if (functions.every(({ loaded }) => loaded)) whenItListens(() => server.listen(port, '127.0.0.1', () => console.log('ready')));
  },
  rpc_log: entry => logs.push(JSON.stringify(entry)),
  invocation_response: ({ invocation_id, result, return_value }) => results.get(invocation_id)?.({ status: result.status, exception: result.exception?.message, returned: return_value?.json }),
};

/** The worker names its address before it listens there. */
function whenItListens(then) {
  const probe = net.connect(address.port, address.hostname, () => { probe.destroy(); then(); });
  probe.on('error', () => setTimeout(whenItListens, 50, then));
}

function invoke(target, input, metadata) {
  const invocation_id = randomUUID();
  const done = new Promise(resolve => results.set(invocation_id, resolve)).finally(() => results.delete(invocation_id));
  send({ invocation_request: { invocation_id, function_id: target.id, input_data: [input], trigger_metadata: map(metadata), trace_context: {} } });
  return [invocation_id, done];
}

/** The first function, in alphabetical order, whose route and methods fit, and its route's parameters; a route's constraint leaves its parameter empty. */
function find(method, pathname) {
  const asked = pathname.replace(/^\/|\/$/g, '');
  for (const candidate of functions) {
    const { route, methods } = trigger(candidate, 'httptrigger') ?? { methods: [] };
    const [literal, parameter] = (route || candidate.name).split(/\/?\{/);
    const [, name, pattern] = /^\*(\w+)(?::regex\((.*)\))?\}$/.exec(parameter ?? '') ?? [];
    const folder = literal && `${literal.toLowerCase()}/`;
    const isBelow = name && asked !== '' && asked.toLowerCase().startsWith(folder) && new RegExp(pattern ?? '', 'i').test(asked.slice(folder.length));
    const fits = asked.toLowerCase() === literal.toLowerCase() && !(name && pattern);
    if (methods.some(each => each.toUpperCase() === method) && (fits || isBelow))
      return [candidate, isBelow ? { [name]: asked.slice(folder.length) } : {}];
  }
  return [];
}

/**
 * What the host tells the worker of a request, in the order of its Http extension: members of a body that is JSON, whatever its content type;
 * over them the query, the last of a repeated name, without "code"; the route's parameters; and "Query" and "Headers" only where those names are
 * still free. Names are compared without case.
 */
function bindingData(body, query, routeParameters, headers) {
  const data = new Map(); // lower-case name → [name, value]
  const set = (name, value) => data.set(name.toLowerCase(), [data.get(name.toLowerCase())?.[0] ?? name, value]);
  for (const [name, value] of Object.entries(jsonMembers(body))) set(name, value);
  for (const [name, value] of query) if (name.toLowerCase() !== 'code') set(name, value);
  for (const [name, value] of Object.entries(routeParameters)) set(name, value);
  if (!data.has('query')) set('Query', Object.fromEntries(query));
  if (!data.has('headers')) set('Headers', headers);
  return Object.fromEntries([...data.values()].filter(([, value]) => value !== null)
    .map(([name, value]) => [name, typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) }]));
}

/** The top-level members of a JSON object that are neither objects nor arrays; none where the body is no JSON object. */
function jsonMembers(body) {
  const utf16 = body.length > 1 && (body.readUInt16BE(0) === 0xFEFF || body.readUInt16BE(0) === 0xFFFE);
  const text = (utf16 ? new TextDecoder(body[0] === 0xFF ? 'utf-16le' : 'utf-16be') : new TextDecoder()).decode(body).trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return {};
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text)).filter(([, value]) => value === null || typeof value !== 'object'));
  } catch {
    return {};
  }
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://host');
  if (url.pathname === '/admin/logs') {
    response.end(logs.join('\n'));
    return;
  }
  if (url.pathname === '/admin/pid') {
    response.end(`${child.pid}`);
    return;
  }
  if (url.pathname.startsWith('/admin/functions/')) { // as the real host's administrators start a timer
    const timer = functions.find(({ name }) => name === url.pathname.split('/').pop());
    const data = { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }) };
    response.end((await invoke(timer, { name: trigger(timer, 'timertrigger').name, data }, {})[1]).status);
    return;
  }
  const [target, routeParameters] = find(request.method, url.pathname);
  if (!target) {
    response.writeHead(404).end();
    return;
  }

  // The platform's front end writes the TCP peer's address behind what the caller has written; tests say who the peer is.
  const { 'x-test-peer': peer = '203.0.113.7', ...headers } = request.headers;
  headers['x-forwarded-for'] = [...(headers['x-forwarded-for'] ? [headers['x-forwarded-for']] : []), `${peer}:4711`].join(', ');
  // A body with a length is read for the binding data first, a chunked one is not.
  const body = request.headers['content-length'] ? Buffer.concat(await request.toArray()) : undefined;
  const [id, done] = invoke(
    target, { name: trigger(target, 'httptrigger').name, data: { http: {} } },
    bindingData(body ?? Buffer.alloc(0), url.searchParams, routeParameters, headers));

  // The host's proxy puts its own X-Forwarded-* in the place of the caller's.
  const forwarded = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': headers.host, 'x-forwarded-proto': 'http', 'x-ms-invocation-id': id };
  let answered = false;
  const passed = http.request(address, { method: request.method, path: request.url, headers: { ...headers, ...forwarded } }, async answer => {
    // The worker has answered, perhaps before the end of the body: the rest is read and dropped, so that the caller gets to its answer.
    answered = true;
    request.unpipe(passed).resume();
    passed.end();
    const chunks = await answer.toArray();
    const { status, returned } = await done; // the host waits for both
    response.writeHead(status === 'Success' ? answer.statusCode : 500, [...answer.rawHeaders, 'X-Test-Invocation', status, 'X-Test-Returned', returned ?? '']);
    response.end(Buffer.concat(chunks));
  });
  passed.on('error', error => answered || response.writeHead(502).end(error.message));
  if (body) passed.end(body);
  else request.pipe(passed);
});

const service = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
service.addService(messages['AzureFunctionsRpcMessages.FunctionRpc'], {
  EventStream(stream) {
    worker = stream;
    stream.on('data', message => answers[message.content]?.(message[message.content]));
  },
});
service.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, grpcPort) => {
  if (error) throw error;
  child = spawn('dotnet', [
    assembly, '--functions-uri', `http://127.0.0.1:${grpcPort}/`, '--functions-worker-id', randomUUID(), '--functions-request-id', randomUUID(),
    '--functions-grpc-max-message-length', '2147483647',
  ], { cwd: app, env: { ...process.env, FUNCTIONS_APPLICATION_DIRECTORY: app }, stdio: ['ignore', 'ignore', 'inherit'] });
  child.on('exit', code => { console.error(`The worker ended: ${code}`); process.exit(1); });
  const end = () => { child.kill('SIGKILL'); process.exit(); };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, end);
  process.stdin.on('end', end).resume();
});
