import { hasCode, RiosError } from '../errors/error.ts';
import type { Message } from '../schema/inference.ts';
import { withinTime } from './time-limit.ts';

/** Turns a chat into the one text that the model was trained to continue. */
export type RenderChat = (messages: readonly Message[]) => string;

/** A template is a loop over the messages: it needs milliseconds. */
const RENDER_MS = 2_000;

/**
 * The template's source: chat_template.jinja when there is one, else `chat_template` of tokenizer_config.json
 * (a text, or a list of named ones of which `default` counts). Undefined when the model has none.
 */
export function chatTemplateSource(file: string | undefined, config: unknown): string | undefined {
  if (file !== undefined) return file;
  const given = field(config, 'chat_template');
  if (typeof given === 'string') return given;
  if (!Array.isArray(given)) return undefined;
  const named = given.find((entry) => field(entry, 'name') === 'default');
  const template = field(named, 'template');
  return typeof template === 'string' ? template : undefined;
}

/**
 * Compiles a template. Rendering throws USER_INVALID_REQUEST when the template refuses the messages (their
 * order, a role it does not know), MODEL_BUNDLE_INVALID when it takes too long or makes too much; compiling throws
 * MODEL_BUNDLE_INVALID when it is not Jinja.
 */
export async function createChatRenderer(source: string, config: unknown): Promise<RenderChat> {
  const { compileTemplate } = await import('./bounded-jinja.ts');
  const template = attempt('MODEL_BUNDLE_INVALID', 'the chat template cannot be read', () =>
    compileTemplate(source),
  );
  const tokens = { bos_token: tokenOf(config, 'bos_token'), eos_token: tokenOf(config, 'eos_token') };
  return (messages) =>
    attempt('USER_INVALID_REQUEST', 'the chat template refuses these messages', () =>
      withinTime(RENDER_MS, 'the chat template', () =>
        template.render({ messages: messages.map(plain), add_generation_prompt: true, ...tokens }),
      ),
    );
}

/** Content as one text. `developer` is the newer name of what templates call `system`. */
function plain(message: Message) {
  const { content } = message;
  return {
    role: message.role === 'developer' ? 'system' : message.role,
    content: typeof content === 'string' ? content : content.map((part) => part.text).join(''),
    ...(message.name === undefined ? {} : { name: message.name }),
  };
}

/** A special token stands in the configuration as text, or as `{content}`. */
function tokenOf(config: unknown, key: string): string {
  const given = field(config, key);
  const content = typeof given === 'string' ? given : field(given, 'content');
  return typeof content === 'string' ? content : '';
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function attempt<T>(code: 'MODEL_BUNDLE_INVALID' | 'USER_INVALID_REQUEST', what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (hasCode(cause)) throw cause;
    // a text or a recursion beyond what JavaScript has room for is the template's doing, not the messages'
    const blamed = cause instanceof RangeError ? 'MODEL_BUNDLE_INVALID' : code;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RiosError(blamed, `${what}: ${reason.slice(0, 500)}`, { cause });
  }
}
