/** Structured logging: `log.info('lease granted', { partId, ttlMs })`. Never secrets, never what a user wrote. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A log whose every line carries `fields`. */
  child(fields: Record<string, unknown>): Log;
}

const nothing = () => {};

/** Writes nothing. For libraries by default, and tests. */
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLog,
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on stderr, and in `file` (its directory must exist) when given, by pino (loaded here, at the edge). */
export async function createLog(name: string, level: LogLevel, file?: string): Promise<Log> {
  const { default: pino } = await import('pino');
  const outputs = [2, ...(file === undefined ? [] : [file])].map((dest) => ({
    stream: pino.destination({ dest, sync: true }),
    level: 'debug' as const,
  }));
  const root = pino(
    { name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream(outputs),
  );
  return wrapPino(root);
}

interface PinoLike {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): PinoLike;
}

function wrapPino(pino: PinoLike): Log {
  return {
    debug: (message, fields = {}) => pino.debug(fields, message),
    info: (message, fields = {}) => pino.info(fields, message),
    warn: (message, fields = {}) => pino.warn(fields, message),
    error: (message, fields = {}) => pino.error(fields, message),
    child: (fields) => wrapPino(pino.child(fields)),
  };
}
