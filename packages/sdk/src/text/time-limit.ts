import { createContext, Script } from 'node:vm';
import { RiosError } from '../errors/error.ts';

const CALL = new Script('act()');
/** What a call is made from; nothing else is ever evaluated in it. */
const globals: { act: (() => unknown) | undefined } = { act: undefined };
let context: ReturnType<typeof createContext> | undefined;

/**
 * Runs `act`, which must not wait for anything, for at most `limitMs`: text of a model (its template, its
 * expressions) can be such that it never ends. Costs about 0.15 ms. Throws MODEL_BUNDLE_INVALID when time is
 * over, and whatever `act` throws. May be used inside itself.
 */
export function withinTime<T>(limitMs: number, what: string, act: () => T): T {
  context ??= createContext(globals);
  const outer = globals.act;
  let result: { readonly value: T } | undefined;
  globals.act = () => {
    result = { value: act() };
  };
  try {
    CALL.runInContext(context, { timeout: limitMs });
  } catch (cause) {
    if ((cause as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
    throw new RiosError('MODEL_BUNDLE_INVALID', `${what} takes longer than ${limitMs} ms`, { cause });
  } finally {
    globals.act = outer;
  }
  if (result !== undefined) return result.value;
  throw new RiosError('BUG_UNEXPECTED', `${what} ended without a result`);
}
