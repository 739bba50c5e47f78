import type { ProjectHealth } from '../config/project-schema.ts';
import { RiosError } from '../errors/error.ts';
import type { AppHealth } from '../schema/app.ts';
import { parseDuration } from '../text/duration.ts';
import { splitWords } from './split-words.ts';

const DEFAULTS = { grace: '30s', interval: '1s', timeout: '2s', threshold: 3 } as const;
/** A command costs more than a connection. */
const EXEC_INTERVAL = '10s';

const spanMs = (span: string | number) => parseDuration(String(span));

/**
 * The check that is made: the one that is said, else a connection to the first port, else none.
 * @throws RiosError USER_INVALID_REQUEST
 */
export function resolveHealth(said: ProjectHealth | 'none' | undefined, ports: readonly number[]): AppHealth {
  const [first] = ports;
  if (said === 'none') return { kind: 'none' };
  if (said === undefined) return first === undefined ? { kind: 'none' } : resolveHealth({ tcp: true }, ports);
  const { http, tcp, exec } = said;
  if ([http, tcp, exec].filter((check) => check !== undefined).length !== 1) {
    throw refuse('health: say one of http, tcp and exec');
  }
  const usual = exec === undefined ? DEFAULTS.interval : EXEC_INTERVAL;
  const times = {
    graceMs: spanMs(said.grace ?? DEFAULTS.grace),
    intervalMs: spanMs(said.interval ?? usual),
    timeoutMs: spanMs(said.timeout ?? DEFAULTS.timeout),
    threshold: said.threshold ?? DEFAULTS.threshold,
  };
  if (exec !== undefined) {
    return { kind: 'exec', command: typeof exec === 'string' ? splitWords(exec) : exec, ...times };
  }
  const port = said.port ?? (typeof tcp === 'number' ? tcp : first);
  if (port === undefined || !ports.includes(port)) {
    throw refuse(
      `health: ${port === undefined ? 'there is no port to check' : `port ${port} is not declared`}`,
    );
  }
  return http === undefined ? { kind: 'tcp', port, ...times } : { kind: 'http', path: http, port, ...times };
}

const refuse = (message: string) =>
  new RiosError('USER_INVALID_REQUEST', message, {
    hint: 'Declare the port: port: 8080; or give a check that needs none: health: {exec: …}.',
  });
