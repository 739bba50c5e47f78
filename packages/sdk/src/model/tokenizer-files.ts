import { join } from 'node:path';
import { RiosError } from '../errors/error.ts';
import {
  CHAT_TEMPLATE_PATH,
  type Manifest,
  TOKENIZER_CONFIG_PATH,
  TOKENIZER_PATH,
} from '../schema/manifest.ts';
import { configInvalid } from './config-reader.ts';
import { parseJsonObject, readJsonObject, readSmallFile } from './read-json.ts';

const TOKENIZER_BYTES = 256 * 1024 * 1024;
const SMALL_BYTES = 4 * 1024 * 1024;

/** The text side of a model: its files for the bundle, and its special tokens. */
export interface TextSide {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly tokens: Manifest['tokens'];
}

/**
 * Reads tokenizer.json, tokenizer_config.json, the chat template and the end tokens of a checkpoint.
 * Throws NOT_FOUND_FILE, MODEL_CONFIG_INVALID.
 */
export async function readTextSide(
  directory: string,
  config: Readonly<Record<string, unknown>>,
  vocab: number,
): Promise<TextSide> {
  const tokenizerPath = join(directory, TOKENIZER_PATH);
  const tokenizer = await readSmallFile(tokenizerPath, TOKENIZER_BYTES);
  if (!tokenizer)
    throw new RiosError('NOT_FOUND_FILE', `${directory} has no ${TOKENIZER_PATH}`, {
      details: { path: tokenizerPath },
    });
  const settingsBytes = await readSmallFile(join(directory, TOKENIZER_CONFIG_PATH), SMALL_BYTES);
  const settings = settingsBytes
    ? parseJsonObject(settingsBytes.toString('utf8'), TOKENIZER_CONFIG_PATH)
    : {};
  const template = await readTemplate(directory, settings);
  const generation = await readJsonObject(join(directory, 'generation_config.json'), SMALL_BYTES);
  const bos = tokenList('bos_token_id', config.bos_token_id, vocab)[0] ?? null;
  const parsed = parseJsonObject(tokenizer.toString('utf8'), TOKENIZER_PATH);
  return {
    files: [
      { path: TOKENIZER_PATH, bytes: tokenizer },
      { path: TOKENIZER_CONFIG_PATH, bytes: settingsBytes ?? Buffer.from('{}\n') },
      ...(template === undefined ? [] : [{ path: CHAT_TEMPLATE_PATH, bytes: Buffer.from(template) }]),
    ],
    tokens: {
      bos,
      eos: tokenList('eos_token_id', generation?.eos_token_id ?? config.eos_token_id, vocab),
      addBos:
        bos !== null && (settings.add_bos_token === true || startsWithToken(parsed.post_processor, bos)),
    },
  };
}

/** A chat template: chat_template.jinja, else the one in tokenizer_config.json (the `default` of several). */
async function readTemplate(
  directory: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const file = await readSmallFile(join(directory, CHAT_TEMPLATE_PATH), SMALL_BYTES);
  if (file) return file.toString('utf8');
  const inline = settings.chat_template;
  if (typeof inline === 'string') return inline;
  if (!Array.isArray(inline)) return undefined;
  const named = inline.find((each: { name?: unknown } | null) => each?.name === 'default');
  return typeof named?.template === 'string' ? named.template : undefined;
}

/** Token ids of a config key: one, several or none. */
function tokenList(key: string, value: unknown, vocab: number): number[] {
  if (value === undefined || value === null) return [];
  const ids: unknown[] = Array.isArray(value) ? value : [value];
  const wrong = ids.find((id) => !Number.isSafeInteger(id) || (id as number) < 0 || (id as number) >= vocab);
  if (wrong !== undefined) throw configInvalid(key, `must be token ids below ${vocab}`, wrong);
  return ids as number[];
}

/** Whether the tokenizer itself puts `bos` before a text: the first piece of its template. */
function startsWithToken(processor: unknown, bos: number): boolean {
  const {
    type,
    processors,
    single,
    special_tokens: special,
  } = (processor ?? {}) as {
    type?: unknown;
    processors?: unknown;
    single?: unknown;
    special_tokens?: Record<string, { ids?: unknown } | undefined>;
  };
  if (type === 'Sequence' && Array.isArray(processors))
    return processors.some((each) => startsWithToken(each, bos));
  if (type !== 'TemplateProcessing' || !Array.isArray(single)) return false;
  const name: unknown = single[0]?.SpecialToken?.id;
  const ids = typeof name === 'string' ? special?.[name]?.ids : undefined;
  return Array.isArray(ids) && ids[0] === bos;
}
