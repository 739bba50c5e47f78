import { RiosError } from '../errors/error.ts';
import {
  CHUNK_BYTES,
  EMBED_SHARD_PATH,
  expertGraphPath,
  expertsPartId,
  expertsShardPath,
  groupsPerLayer,
  HEAD_GRAPH_PATH,
  HEAD_SHARD_PATH,
  MANIFEST_PATH,
  type Manifest,
  type ManifestPart,
  trunkGraphPath,
  trunkPartId,
  trunkShardPath,
} from '../schema/manifest.ts';

/** An error about a manifest. */
export function bundleInvalid(problem: string, details: object = {}, cause?: unknown): RiosError {
  return new RiosError('MODEL_BUNDLE_INVALID', `the manifest is invalid: ${problem}`, {
    details: { ...details },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Checks a manifest of the right form against itself. Throws MODEL_BUNDLE_INVALID naming what contradicts. */
export function checkManifest(manifest: Manifest): void {
  checkDims(manifest);
  checkFiles(manifest);
  checkParts(manifest);
  checkSizes(manifest);
  checkStages(manifest);
  checkTokens(manifest);
}

/** Rows of the embedding are read by position, so its size must be exact. */
function checkSizes({ files, parts, dims }: Manifest): void {
  const embed = files.find(({ path }) => path === EMBED_SHARD_PATH);
  if (embed?.sizeBytes !== 4 * dims.vocab * dims.hidden)
    throw bundleInvalid(`${EMBED_SHARD_PATH} is not vocab x hidden float32`, { path: EMBED_SHARD_PATH });
  const short = parts.find(({ memoryBytes, weightBytes }) => memoryBytes < weightBytes);
  if (short) throw bundleInvalid(`part ${short.id} needs less memory than its weights`, { part: short.id });
}

function checkDims({ dims, attention, router, groupSize }: Manifest): void {
  if (dims.layers > 1000 || dims.experts > 1000)
    throw bundleInvalid('it has more than 1000 layers or experts');
  if (dims.heads % dims.kvHeads !== 0) throw bundleInvalid('heads is not a multiple of kvHeads');
  if (dims.headDim % 2 !== 0 || attention.rope.inverseFrequencies.length !== dims.headDim / 2)
    throw bundleInvalid('rope has not headDim / 2 frequencies');
  if (router.topK > dims.experts) throw bundleInvalid('topK exceeds the number of experts');
  if (groupSize > dims.experts) throw bundleInvalid('groupSize exceeds the number of experts');
}

function checkFiles({ files }: Manifest): void {
  const seen = new Set<string>();
  for (const { path, sizeBytes, sha256, chunks } of files) {
    if (seen.has(path) || path === MANIFEST_PATH)
      throw bundleInvalid(`file ${path} is listed twice`, { path });
    seen.add(path);
    if (chunks.length !== Math.ceil(sizeBytes / CHUNK_BYTES))
      throw bundleInvalid(`file ${path} has ${sizeBytes} bytes, but ${chunks.length} chunks`, { path });
    if (chunks.length === 1 && chunks[0] !== sha256)
      throw bundleInvalid(`file ${path} has one chunk, which is not the file`, { path });
  }
}

/** Parts stand in their order, complete, and name their graphs and shards; every file named is listed. */
function checkParts(manifest: Manifest): void {
  const { parts, dims } = manifest;
  const count = 2 + dims.layers * (1 + groupsPerLayer(manifest));
  if (parts.length !== count) throw bundleInvalid(`it has ${parts.length} parts, not ${count}`);
  const listed = new Set(manifest.files.map(({ path }) => path));
  const expected = expectedParts(manifest);
  for (const [i, part] of parts.entries()) {
    checkPart(part, expected[i]);
    for (const path of part.files)
      if (!listed.has(path))
        throw bundleInvalid(`part ${part.id} needs ${path}, which is not listed`, { path });
  }
}

type ExpectedPart = Pick<ManifestPart, 'id' | 'kind' | 'layer' | 'group' | 'experts' | 'files'>;

function expectedParts(manifest: Manifest): ExpectedPart[] {
  const { dims, groupSize } = manifest;
  const parts: ExpectedPart[] = [{ id: 'embed', kind: 'embed', files: [EMBED_SHARD_PATH] }];
  for (let layer = 0; layer < dims.layers; layer++) {
    const files = [trunkGraphPath(layer), trunkShardPath(layer)];
    parts.push({ id: trunkPartId(layer), kind: 'trunk', layer, files });
    for (let group = 0; group < groupsPerLayer(manifest); group++) {
      const size = Math.min(groupSize, dims.experts - group * groupSize);
      const experts = Array.from({ length: size }, (_, i) => group * groupSize + i);
      const graphs = experts.map((expert) => expertGraphPath(layer, expert));
      const needed = [...graphs, expertsShardPath(layer, group)];
      parts.push({ id: expertsPartId(layer, group), kind: 'experts', layer, group, experts, files: needed });
    }
  }
  return [...parts, { id: 'head', kind: 'head', files: [HEAD_GRAPH_PATH, HEAD_SHARD_PATH] }];
}

function checkPart(part: ManifestPart, wanted: ExpectedPart | undefined): void {
  const same =
    wanted &&
    part.id === wanted.id &&
    part.kind === wanted.kind &&
    part.layer === wanted.layer &&
    part.group === wanted.group &&
    String(part.experts) === String(wanted.experts);
  if (!same) throw bundleInvalid(`part ${part.id} stands where ${wanted?.id} belongs`, { part: part.id });
  for (const path of wanted.files)
    if (!part.files.includes(path)) throw bundleInvalid(`part ${part.id} does not name ${path}`, { path });
}

function checkStages({ mode, stages, dims }: Manifest): void {
  if (mode === 'experts' && stages.length > 0) throw bundleInvalid('mode experts has stages');
  if (mode === 'experts') return;
  let layer = 0;
  for (const [from, to] of stages) {
    if (from !== layer || to <= from)
      throw bundleInvalid(`stage [${from}, ${to}) does not follow layer ${layer}`);
    layer = to;
  }
  if (layer !== dims.layers) throw bundleInvalid(`the stages end at layer ${layer} of ${dims.layers}`);
}

function checkTokens({ tokens, golden, dims }: Manifest): void {
  const ids = [...golden.ids, ...tokens.eos, ...(tokens.bos === null ? [] : [tokens.bos])];
  const tops = golden.positions.flatMap(({ top }) => top.map(([id]) => id));
  const outside = [...ids, ...tops].find((id) => id >= dims.vocab);
  if (outside !== undefined) throw bundleInvalid(`token ${outside} is outside the vocabulary`);
  if (golden.positions.length !== golden.ids.length)
    throw bundleInvalid('golden has not one position per id');
  if (golden.ids.length > dims.context) throw bundleInvalid('golden is longer than the context');
}
