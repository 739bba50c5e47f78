import { z } from 'zod';

/**
 * `rios.split/1`: what a split model is made of. The manifest is the model's identity: the sha256 of its bytes
 * is the model hash, and it names every other file by size and sha256.
 *
 * All weights are float32, row-major, transposed to [in, out] so that a graph multiplies rows from the left.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const positive = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** Path inside a bundle: forward slashes, no `..`, no leading slash, no empty or dot segment. */
export const bundlePathSchema = z
  .string()
  .max(200)
  .regex(/^(?!\.)[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/);

export const partIdSchema = z.string().regex(/^(embed|head|trunk\.\d{3}|experts\.\d{3}\.\d{3})$/);

/** Bytes of one chunk: the unit of transfer and of resumption. The last chunk of a file is shorter. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** Bytes of chunk `index` of a file that has it; the chunk begins at `index * CHUNK_BYTES`. */
export const chunkLength = ({ sizeBytes }: { readonly sizeBytes: number }, index: number): number =>
  Math.min(CHUNK_BYTES, sizeBytes - index * CHUNK_BYTES);

export const manifestFileSchema = z.strictObject({
  path: bundlePathSchema,
  sizeBytes: count,
  sha256,
  /** sha256 of each CHUNK_BYTES chunk, in order; a file of one chunk has its own sha256 here. */
  chunks: z.array(sha256).max(1_000_000),
});

export const manifestPartSchema = z.strictObject({
  id: partIdSchema,
  kind: z.enum(['embed', 'trunk', 'head', 'experts']),
  /** Layer index for `trunk` and `experts`. */
  layer: count.optional(),
  /** Group index inside the layer, for `experts`. */
  group: count.optional(),
  /** Expert indices of the group, ascending and consecutive. */
  experts: z.array(count).optional(),
  /** Paths of the files that this part needs (each also stands in `files`). */
  files: z.array(bundlePathSchema),
  parameters: count,
  weightBytes: count,
  /** Memory that a worker should reserve to serve it: weights and session overhead. */
  memoryBytes: count,
});

/** How the gate chooses; covers softmax and sigmoid routers (design: research on families). */
export const routerSchema = z.strictObject({
  score: z.enum(['softmax', 'sigmoid']),
  select: z.enum(['topk']),
  topK: positive,
  /** Whether the chosen weights are divided by their sum. */
  renormalise: z.boolean(),
  scale: z.number(),
});

/** One golden position: the largest logits of an independent float64 evaluation of the source checkpoint. */
export const goldenPositionSchema = z.strictObject({
  logSumExp: z.number(),
  /** [token id, logit], largest first. */
  top: z.array(z.tuple([count, z.number()])).min(1),
});

export const manifestSchema = z.strictObject({
  format: z.literal('rios.split/1'),
  name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/),
  source: z.strictObject({ modelType: z.string(), configSha256: sha256, tensorsSha256: sha256 }),
  mode: z.enum(['experts', 'stages']),
  dtype: z.literal('float32'),
  dims: z.strictObject({
    layers: positive,
    hidden: positive,
    vocab: positive,
    heads: positive,
    kvHeads: positive,
    headDim: positive,
    /** Width of one expert's hidden layer. */
    ffn: positive,
    experts: positive,
    /** Longest sequence (prompt and answer) in tokens. */
    context: positive,
  }),
  attention: z.strictObject({
    /** Tokens a position sees, itself included; null = all before it. */
    slidingWindow: positive.nullable(),
    rope: z.strictObject({
      /** [headDim / 2] float64; angle = position * inverseFrequency. */
      inverseFrequencies: z.array(z.number()),
      /** Multiplies cos and sin (1 unless a scaling says otherwise). */
      scale: z.number(),
    }),
  }),
  router: routerSchema,
  tokens: z.strictObject({ bos: count.nullable(), eos: z.array(count), addBos: z.boolean() }),
  /** Experts per group; every layer has ceil(experts / size) groups. */
  groupSize: positive,
  /** In mode `stages`: the layer ranges [from, to) that must stay on one worker each, in order. Else empty. */
  stages: z.array(z.tuple([count, count])),
  parts: z.array(manifestPartSchema).max(1_000_000),
  files: z.array(manifestFileSchema).max(1_000_000),
  golden: z.strictObject({
    ids: z.array(count).min(1),
    positions: z.array(goldenPositionSchema).min(1),
    /** Largest absolute logit error allowed when they are run again in float32. */
    maxAbs: z.number(),
  }),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof manifestFileSchema>;
export type ManifestPart = z.infer<typeof manifestPartSchema>;
export type Router = z.infer<typeof routerSchema>;

/** The manifest's own place in a bundle. */
export const MANIFEST_PATH = 'manifest.json';
/** No manifest may be larger: it is read whole. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

const three = (index: number) => String(index).padStart(3, '0');

export const trunkPartId = (layer: number) => `trunk.${three(layer)}`;
export const expertsPartId = (layer: number, group: number) => `experts.${three(layer)}.${three(group)}`;
export const trunkGraphPath = (layer: number) => `trunk/${three(layer)}.onnx`;
export const expertGraphPath = (layer: number, expert: number) =>
  `experts/${three(layer)}/${three(expert)}.onnx`;
export const HEAD_GRAPH_PATH = 'trunk/head.onnx';
export const EMBED_SHARD_PATH = 'shards/embed.bin';
export const HEAD_SHARD_PATH = 'shards/head.bin';
export const trunkShardPath = (layer: number) => `shards/trunk.${three(layer)}.bin`;
export const expertsShardPath = (layer: number, group: number) =>
  `shards/experts.${three(layer)}.${three(group)}.bin`;
export const TOKENIZER_PATH = 'tokenizer.json';
export const TOKENIZER_CONFIG_PATH = 'tokenizer_config.json';
export const CHAT_TEMPLATE_PATH = 'chat_template.jinja';

/** Number of expert groups in each layer. */
export function groupsPerLayer(manifest: Pick<Manifest, 'dims' | 'groupSize'>): number {
  return Math.ceil(manifest.dims.experts / manifest.groupSize);
}
