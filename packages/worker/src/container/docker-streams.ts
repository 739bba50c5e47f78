import { RiosError } from '@rios/sdk/errors/error';
import type Docker from 'dockerode';
import type { LogPart } from './contract.ts';
import { callEngine } from './docker-client.ts';
import type { Engine } from './engine.ts';
import { engineError } from './engine-error.ts';

type Streams = Pick<Engine, 'logs' | 'exec'>;

const HEADER_BYTES = 8;
/** Longest piece of output that an engine sends as one. */
const MAX_PIECE_BYTES = 16 * 1024 * 1024;

/** What an engine does with output. */
export function createStreams(docker: Docker): Streams {
  return {
    logs: (id, options, signal) => readLogs(docker, id, options, signal),
    async exec(id, { command, stdin, onPart }, signal) {
      const made = await callEngine(
        'a command in the container',
        (options) =>
          docker.getContainer(id).exec({
            ...options,
            Cmd: [...command],
            AttachStdin: stdin.length > 0,
            AttachStdout: true,
            AttachStderr: true,
            Tty: false,
          }),
        { refused: 'DEPLOY_START' },
      );
      const start = { hijack: true, stdin: stdin.length > 0, Detach: false, Tty: false };
      const stream = await callEngine('a command in the container', () => made.start(start), {
        refused: 'DEPLOY_START',
      });
      const stop = () => stream.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        if (stdin.length > 0) stream.end(stdin);
        for await (const part of demultiplex(stream)) await onPart({ ...part, at: Date.now() });
      } catch (error) {
        if (!signal.aborted) throw engineError(error, 'a command in the container');
      } finally {
        signal.removeEventListener('abort', stop);
        stream.destroy();
      }
      signal.throwIfAborted();
      const { ExitCode } = await callEngine('a command in the container', () => made.inspect());
      return ExitCode ?? -1;
    },
  };
}

async function* readLogs(
  docker: Docker,
  id: string,
  { tailLines, sinceAt, follow }: Parameters<Engine['logs']>[1],
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    tail: tailLines,
    ...(sinceAt === null ? {} : { since: Math.floor(sinceAt / 1000) }),
  };
  const container = docker.getContainer(id);
  try {
    if (follow) {
      const stream = await container.logs({ ...options, follow: true, abortSignal: signal });
      for await (const part of demultiplex(stream)) yield withTime(part);
    } else {
      const bytes = await container.logs({ ...options, follow: false, abortSignal: signal });
      for await (const part of demultiplex(once(bytes))) yield withTime(part);
    }
  } catch (error) {
    if (!signal.aborted) throw engineError(error, 'what the container wrote');
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

interface Piece {
  readonly stream: LogPart['stream'];
  readonly bytes: Uint8Array;
}

/** Each piece has 8 bytes before it: which stream, three zeros, its length (big endian). */
export async function* demultiplex(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Piece> {
  let rest = Buffer.alloc(0);
  for await (const bytes of stream) {
    rest = Buffer.concat([rest, typeof bytes === 'string' ? Buffer.from(bytes) : bytes]);
    while (rest.length >= HEADER_BYTES) {
      const length = rest.readUInt32BE(4);
      if (length > MAX_PIECE_BYTES)
        throw new RiosError('DEPLOY_ENGINE', 'the engine sent output of a wrong form');
      if (rest.length < HEADER_BYTES + length) break;
      const piece = rest.subarray(HEADER_BYTES, HEADER_BYTES + length);
      yield { stream: rest[0] === 2 ? 'stderr' : 'stdout', bytes: new Uint8Array(piece) };
      rest = rest.subarray(HEADER_BYTES + length);
    }
  }
}

/** A line begins with the time at which it was written (RFC 3339) and a space. */
function withTime({ stream, bytes }: Piece): LogPart {
  const head = Buffer.from(bytes.subarray(0, 40)).toString('latin1');
  const end = head.indexOf(' ');
  const at = end < 20 ? Number.NaN : Date.parse(head.slice(0, end));
  if (Number.isNaN(at)) return { stream, at: Date.now(), bytes };
  return { stream, at, bytes: bytes.subarray(end + 1) };
}
