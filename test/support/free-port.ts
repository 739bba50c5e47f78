import { createServer } from 'node:net';

/** Below the ports that the system gives to outgoing connections: nobody takes one while its owner restarts. */
const FIRST = 20_000;
const COUNT = 10_000;
const TRIES = 50;

/** A port on loopback that nobody listens on, and that a program may use again after each of its restarts. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
