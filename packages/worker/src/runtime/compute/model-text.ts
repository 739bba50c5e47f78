import { RiosError } from '@rios/sdk/errors/error';
import type { Input } from '@rios/sdk/schema/inference';
import { CHAT_TEMPLATE_PATH, TOKENIZER_CONFIG_PATH, TOKENIZER_PATH } from '@rios/sdk/schema/manifest';
import { chatTemplateSource, createChatRenderer, type RenderChat } from '@rios/sdk/text/chat-template';
import { createTextCodec, type TextCodec } from '@rios/sdk/text/text-codec';
import { withinTime } from '@rios/sdk/text/time-limit';
import type { ModelFiles } from '../engine.ts';
import { hasFile, readChecked } from './model-files.ts';

/** A tokenizer's expressions come with the model: one that never ends must not keep the thread. */
const PROMPT_MS = 10_000;

/** A model's way with text. */
export interface ModelText {
  /** Undefined when the model came without a tokenizer: then only token ids go in and out. */
  readonly codec: TextCodec | undefined;
  /** The prompt's token ids. Throws USER_INVALID_REQUEST, USER_NO_CHAT_TEMPLATE, MODEL_BUNDLE_INVALID. */
  promptIds(input: Input): number[];
}

/** Reads tokenizer and chat template from a model's files, each checked against the manifest first. */
export async function loadModelText(model: ModelFiles): Promise<ModelText> {
  const config = hasFile(model, TOKENIZER_CONFIG_PATH)
    ? parseJson(TOKENIZER_CONFIG_PATH, await readText(model, TOKENIZER_CONFIG_PATH))
    : {};
  const codec = hasFile(model, TOKENIZER_PATH)
    ? await createTextCodec(parseJson(TOKENIZER_PATH, await readText(model, TOKENIZER_PATH)), config)
    : undefined;
  const file = hasFile(model, CHAT_TEMPLATE_PATH) ? await readText(model, CHAT_TEMPLATE_PATH) : undefined;
  const source = chatTemplateSource(file, config);
  const renderChat = source === undefined ? undefined : await createChatRenderer(source, config);
  return { codec, promptIds: (input) => promptIds(input, model, codec, renderChat) };
}

function promptIds(
  input: Input,
  model: ModelFiles,
  codec: TextCodec | undefined,
  renderChat: RenderChat | undefined,
): number[] {
  const ids = withinTime(PROMPT_MS, 'reading the prompt by the model’s tokenizer', () =>
    inputIds(input, model, codec, renderChat),
  );
  if (ids.length > 0) return ids;
  throw new RiosError('USER_INVALID_REQUEST', 'the prompt is empty', { hint: 'Give at least one token.' });
}

function inputIds(
  input: Input,
  model: ModelFiles,
  codec: TextCodec | undefined,
  renderChat: RenderChat | undefined,
): number[] {
  if (input.kind === 'ids') return [...input.ids];
  if (codec === undefined) {
    throw new RiosError('USER_INVALID_REQUEST', 'the model has no tokenizer', { hint: 'Give token ids.' });
  }
  if (input.kind === 'text') return withBos(codec.encode(input.text, true), model);
  if (renderChat === undefined) {
    throw new RiosError('USER_NO_CHAT_TEMPLATE', 'the model has no chat template');
  }
  return codec.encode(renderChat(input.messages), false); // a template writes its own special tokens
}

function withBos(ids: number[], { manifest }: ModelFiles): number[] {
  const { bos, addBos } = manifest.tokens;
  return addBos && bos !== null && ids[0] !== bos ? [bos, ...ids] : ids;
}

async function readText(model: ModelFiles, path: string): Promise<string> {
  return new TextDecoder().decode(await readChecked(model, path));
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RiosError('MODEL_BUNDLE_INVALID', `${path} is not JSON`, { details: { path }, cause });
  }
}
