// The smallest application: deployed by `rios deploy examples/hello-http` (see rios.yaml).
import { createServer } from 'node:http';
import { hostname, release } from 'node:os';

const greeting = process.env.GREETING ?? 'Hello';

const routes = {
  '/': () => `${greeting} from ${hostname()}\n`,
  '/healthz': () => 'ok\n',
  // what the sandbox shows: gVisor has a kernel of its own
  '/kernel': () => `${release()}\n`,
};

const server = createServer((request, response) => {
  const answer = routes[new URL(request.url, 'http://localhost').pathname];
  if (request.url !== '/healthz') console.log(`${request.method} ${request.url}`);
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(answer?.() ?? 'not found\n');
});

server.listen(process.env.PORT, () => console.log(`listens on port ${process.env.PORT}`));

// told to end: what was asked already is answered
process.on('SIGTERM', () => server.close());
