// What the Functions host does for a worker with ASP.NET Core integration, as far as one app needs it: starts it, loads its functions, tells it of
// each request by gRPC and passes the request itself on over HTTP. Arguments: the published app, the gRPC messages' descriptors, the port.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [app, descriptors, port] = process.argv.slice(2);
const messages = loader.loadFileDescriptorSetFromBuffer(readFileSync(descriptors), { keepCase: true, enums: String, oneofs: true });
const results = new Map(); // of invocations, for who asks
const logs = [];
let worker, address, functions = [];

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
  invocation_response: ({ invocation_id, result, return_value }) => results.get(invocation_id)?.({ status: result.status, returned: return_value?.json }),
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

/** The first function, in alphabetical order, whose route and methods fit; a route's constraint leaves its parameter empty. */
function find(method, path) {
  return functions.find(candidate => {
    const { route, methods } = trigger(candidate, 'httptrigger') ?? { methods: [] };
    const [literal, rest] = (route || candidate.name).split(/\/?\{/);
    const [asked, wanted] = [path.replace(/^\/|\/$/g, '').toLowerCase(), literal.toLowerCase()];
    return methods.some(name => name.toUpperCase() === method) && (asked === wanted || (rest?.startsWith('*') && asked.startsWith(`${wanted}/`)));
  });
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://host');
  const target = find(request.method, url.pathname);
  if (url.pathname === '/admin/logs') {
    response.end(logs.join('\n'));
    return;
  }
  if (url.pathname.startsWith('/admin/functions/')) { // as the real host's administrators start a timer
    const timer = functions.find(({ name }) => name === url.pathname.split('/').pop());
    const data = { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }) };
    response.end((await invoke(timer, { name: trigger(timer, 'timertrigger').name, data }, {})[1]).status);
    return;
  }
  if (!target) {
    response.writeHead(404).end();
    return;
  }
  const headers = { ...request.headers, 'X-Forwarded-For': `${request.headers['x-forwarded-for'] ? request.headers['x-forwarded-for'] + ', ' : ''}203.0.113.7:4711` };
  delete headers['x-forwarded-for'];
  const [id, done] = invoke(
    target, { name: trigger(target, 'httptrigger').name, data: { http: {} } },
    { Headers: { json: JSON.stringify(headers) }, Query: { json: JSON.stringify(Object.fromEntries(url.searchParams)) } });
  const passed = http.request(address, { method: request.method, path: request.url, headers: { ...request.headers, 'x-forwarded-for': '127.0.0.1', 'x-ms-invocation-id': id } }, async answer => {
    const chunks = await answer.toArray();
    const { status, returned } = await done; // the host waits for both
    response.writeHead(answer.statusCode, [...answer.rawHeaders, 'X-Test-Invocation', status, 'X-Test-Returned', returned ?? '']);
    response.end(Buffer.concat(chunks));
  });
  passed.on('error', error => response.writeHead(502).end(error.message));
  request.pipe(passed);
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
  const child = spawn('dotnet', [
    `${app}/TokenBroker.dll`, '--functions-uri', `http://127.0.0.1:${grpcPort}/`, '--functions-worker-id', randomUUID(), '--functions-request-id', randomUUID(),
    '--functions-grpc-max-message-length', '2147483647',
  ], { cwd: app, env: { ...process.env, FUNCTIONS_APPLICATION_DIRECTORY: app }, stdio: ['ignore', 'ignore', 'inherit'] });
  child.on('exit', code => { console.error(`The worker ended: ${code}`); process.exit(1); });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { child.kill('SIGKILL'); process.exit(); });
});
