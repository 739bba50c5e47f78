import { RiosError } from '../errors/error.ts';

/** Text to token ids and back, by a model's own tokenizer. */
export interface TextCodec {
  /** `special`: also the tokens that the tokenizer itself adds around a text. */
  encode(text: string, special: boolean): number[];
  /** Special tokens are left out; ids without a token give no text. */
  decode(ids: readonly number[]): string;
  /** One token as text, special ones included; an incomplete character becomes U+FFFD. */
  tokenText(id: number): string;
}

/**
 * Makes a codec from the parsed tokenizer.json and tokenizer_config.json.
 * Throws MODEL_BUNDLE_INVALID when they are not those of a tokenizer that we can run.
 */
export async function createTextCodec(tokenizerJson: unknown, config: unknown): Promise<TextCodec> {
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const settings = isRecord(config) ? config : {};
  const tokenizer = build(() => new Tokenizer(asObject(tokenizerJson), settings));
  const cleanUp = settings.clean_up_tokenization_spaces === true;
  const decode = (ids: readonly number[], skipSpecial: boolean) => {
    const known = ids.filter((id) => tokenizer.id_to_token(id) !== undefined);
    if (known.length === 0) return '';
    return tokenizer.decode(known, {
      skip_special_tokens: skipSpecial,
      clean_up_tokenization_spaces: cleanUp,
    });
  };
  return {
    encode: (text, special) =>
      text === '' && !special ? [] : [...tokenizer.encode(text, { add_special_tokens: special }).ids],
    decode: (ids) => decode(ids, true),
    tokenText: (id) => decode([id], false),
  };
}

function asObject(value: unknown): object {
  if (isRecord(value)) return value;
  throw new RiosError('MODEL_BUNDLE_INVALID', 'tokenizer.json is not an object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function build<T>(create: () => T): T {
  try {
    return create();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RiosError('MODEL_BUNDLE_INVALID', `the tokenizer cannot be used: ${reason}`, { cause });
  }
}
