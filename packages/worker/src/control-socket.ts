import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { RiosError, toErrorBody } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { controlCommandSchema } from '@rios/sdk/schema/worker-process';

/** Longest path that a Unix socket may have on every system. */
const MAX_SOCKET_PATH = 100;
const MAX_COMMAND_BYTES = 4096;
const IDLE_MS = 60_000;

/** What the socket's commands do. */
export interface ControlCommands {
  readonly status: () => object;
  readonly drain: () => object;
}

/**
 * Serves the worker's Unix socket: one JSON command a line, one JSON answer a line. Only the machine's own user
 * reaches it (mode 0600 by the directory). Returns how to stop. Without a socket the worker works all the same.
 */
export async function serveControlSocket(
  path: string,
  commands: ControlCommands,
  log: Log,
): Promise<() => Promise<void>> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    log.warn('no control socket: the path of the data directory is too long', { path });
    return async () => {};
  }
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveSocket(socket, commands);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

function serveSocket(socket: Socket, commands: ControlCommands): void {
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  let pending = 0;
  socket.on('data', (bytes) => {
    const end = bytes.lastIndexOf(10);
    pending = end < 0 ? pending + bytes.length : bytes.length - end - 1;
    if (pending > MAX_COMMAND_BYTES) socket.destroy();
  });
  createInterface({ input: socket }).on('line', (line) => {
    if (socket.writable) socket.write(`${JSON.stringify(answer(line, commands))}\n`);
  });
}

function answer(line: string, commands: ControlCommands): object {
  try {
    const parsed = controlCommandSchema.safeParse(parseJson(line));
    if (!parsed.success) throw new RiosError('USER_INVALID_REQUEST', 'not a command of this socket');
    return commands[parsed.data.command]();
  } catch (error) {
    return { error: toErrorBody(error) };
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
