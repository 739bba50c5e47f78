import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { RiosError } from '../errors/error.ts';
import { formatTime } from './format-time.ts';

/** What is used of Jinja's classes: their own declarations are lost to module resolution. */
interface JinjaValue {
  readonly value: unknown;
}
interface JinjaEnvironment {
  set(name: string, value: unknown): unknown;
}
interface JinjaInterpreter {
  run(program: unknown): JinjaValue;
  evaluate(statement: unknown, environment: JinjaEnvironment): JinjaValue;
}
const BaseInterpreter: new (environment: JinjaEnvironment) => JinjaInterpreter = Interpreter;

/** Longest text that a template may make, in UTF-16 units: far more than any prompt. */
const MAX_TEXT_CHARS = 8 * 1024 * 1024;
/** Most entries of one list that a template may make. */
const MAX_LIST_ENTRIES = 100_000;

const MAX_REASON_CHARS = 500;

/**
 * A compiled template. Rendering throws USER_INVALID_REQUEST when the template raises an exception,
 * MODEL_BUNDLE_INVALID beyond the bounds, and Jinja's own errors.
 */
export interface BoundedTemplate {
  render(variables: Record<string, unknown>): string;
}

/**
 * Compiles a Jinja template whose values stay small. V8 ends the whole process, not the thread, when a list or
 * text outgrows what it can hold, so a few lines of template could end a worker. Time is not bounded here.
 */
export function compileTemplate(source: string): BoundedTemplate {
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  return {
    render(variables) {
      const environment: JinjaEnvironment = new Environment();
      for (const [name, value] of Object.entries({ ...GLOBALS, ...variables })) environment.set(name, value);
      return String(new BoundedInterpreter(environment).run(program).value);
    },
  };
}

/** Every value of a template comes out of `evaluate`, so none grows by more than one operation past the bounds. */
class BoundedInterpreter extends BaseInterpreter {
  override evaluate(statement: unknown, environment: JinjaEnvironment): JinjaValue {
    const result = super.evaluate(statement, environment);
    const { value } = result;
    if (typeof value === 'string' && value.length > MAX_TEXT_CHARS) throw tooLarge('text');
    if (Array.isArray(value) && value.length > MAX_LIST_ENTRIES) throw tooLarge('list');
    return result;
  }
}

/** What templates expect to be there: the globals of transformers' apply_chat_template. */
const GLOBALS: Record<string, unknown> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range,
  raise_exception: (reason: unknown) => {
    const text = String(reason).slice(0, MAX_REASON_CHARS);
    throw new RiosError('USER_INVALID_REQUEST', `the chat template refuses these messages: ${text}`);
  },
  strftime_now: (format: string) => formatTime(new Date(), format),
};

/** As Python's `range`, up to MAX_LIST_ENTRIES numbers. */
function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= MAX_LIST_ENTRIES)) throw tooLarge('range');
  return Array.from({ length: count }, (_, i) => from + i * step);
}

const tooLarge = (what: string) =>
  new RiosError('MODEL_BUNDLE_INVALID', `the chat template makes too large a ${what}`);
