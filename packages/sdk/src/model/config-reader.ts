import { RiosError } from '../errors/error.ts';

/** Reads a config.json key by key; every refusal names its key. A key that is null counts as absent. */
export interface ConfigReader {
  /** A whole number of at least 1. Throws MODEL_CONFIG_INVALID. */
  count(key: string, fallback?: number): number;
  optionalCount(key: string): number | undefined;
  /** A finite number above 0. Throws MODEL_CONFIG_INVALID. */
  positive(key: string, fallback?: number): number;
  optionalPositive(key: string): number | undefined;
  flag(key: string, fallback: boolean): boolean;
  /** Throws MODEL_CONFIG_UNSUPPORTED unless the key is absent or one of `allowed`. */
  only(key: string, allowed: readonly unknown[]): void;
  /** Marks keys that cannot change the maths. */
  ignore(keys: readonly string[]): void;
  /** A nested object, or undefined when absent. Its own keys are read with `section.x`. */
  section(key: string): ConfigReader | undefined;
  text(key: string): string | undefined;
  list(key: string): readonly unknown[] | undefined;
  /** Throws MODEL_CONFIG_UNSUPPORTED naming the first key that nothing has asked for. */
  refuseUnread(): void;
}

/** Makes a reader of `config`; `prefix` stands before its keys in messages. */
export function createConfigReader(config: Readonly<Record<string, unknown>>, prefix = ''): ConfigReader {
  const seen = new Set<string>();
  const get = (key: string): unknown => {
    seen.add(key);
    return Object.hasOwn(config, key) ? (config[key] ?? undefined) : undefined;
  };
  return {
    ...readNumbers(get, prefix),
    ...readOthers(get, prefix),
    only: (key, allowed) => {
      const value = get(key);
      if (value !== undefined && !allowed.includes(value))
        throw configUnsupported(prefix + key, value, allowed);
    },
    ignore: (keys) => {
      for (const key of keys) seen.add(key);
    },
    section: (key) => {
      const value = get(key);
      if (value === undefined) return undefined;
      if (!isRecord(value)) throw configInvalid(prefix + key, 'must be an object', value);
      return createConfigReader(value, `${prefix}${key}.`);
    },
    refuseUnread: () => {
      const unread = Object.keys(config).find((key) => !seen.has(key) && config[key] !== null);
      if (unread !== undefined) throw configUnknown(prefix + unread, config[unread]);
    },
  };
}

type Get = (key: string) => unknown;

function readNumbers(
  get: Get,
  prefix: string,
): Pick<ConfigReader, 'count' | 'optionalCount' | 'positive' | 'optionalPositive'> {
  const read =
    (fits: (value: number) => boolean, wanted: string) =>
    (key: string, fallback?: number): number => {
      const value = get(key) ?? fallback;
      if (typeof value === 'number' && fits(value)) return value;
      throw configInvalid(prefix + key, value === undefined ? 'is missing' : `must be ${wanted}`, value);
    };
  const count = read(isCount, 'a whole number of at least 1');
  const positive = read(isPositive, 'a number above 0');
  return {
    count,
    positive,
    optionalCount: (key) => (get(key) === undefined ? undefined : count(key)),
    optionalPositive: (key) => (get(key) === undefined ? undefined : positive(key)),
  };
}

function readOthers(get: Get, prefix: string): Pick<ConfigReader, 'flag' | 'text' | 'list'> {
  return {
    flag: (key, fallback) => {
      const value = get(key) ?? fallback;
      if (typeof value === 'boolean') return value;
      throw configInvalid(prefix + key, 'must be true or false', value);
    },
    text: (key) => {
      const value = get(key);
      if (value === undefined || typeof value === 'string') return value;
      throw configInvalid(prefix + key, 'must be a text', value);
    },
    list: (key) => {
      const value = get(key);
      if (value === undefined || Array.isArray(value)) return value;
      throw configInvalid(prefix + key, 'must be a list', value);
    },
  };
}

/** The error for a key whose value cannot be right. */
export function configInvalid(key: string, problem: string, value?: unknown): RiosError {
  return new RiosError('MODEL_CONFIG_INVALID', `config.json: ${key} ${problem}`, {
    details: { key, ...(value === undefined ? {} : { value }) },
  });
}

/** The error for a setting that is understood, changes the maths, and is not supported. */
export function configUnsupported(key: string, value: unknown, supported?: readonly unknown[]): RiosError {
  const only = supported ? `; supported: ${supported.map((each) => JSON.stringify(each)).join(', ')}` : '';
  return new RiosError(
    'MODEL_CONFIG_UNSUPPORTED',
    `config.json: ${key} = ${JSON.stringify(value)} is not supported${only}`,
    { details: { key, value } },
  );
}

function configUnknown(key: string, value: unknown): RiosError {
  return new RiosError(
    'MODEL_CONFIG_UNSUPPORTED',
    `config.json: ${key} is unknown, and may change the maths`,
    {
      details: { key, value },
      hint: 'Remove the key from config.json if it has no effect on the results; else this model cannot be split yet.',
    },
  );
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
const isPositive = (value: number) => Number.isFinite(value) && value > 0;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
