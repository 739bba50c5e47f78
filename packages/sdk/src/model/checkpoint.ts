import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RiosError } from '../errors/error.ts';
import { parseJsonObject, readJsonObject, readSmallFile } from './read-json.ts';
import { openSafetensors, type SafetensorsFile } from './safetensors.ts';
import type { TensorEntry } from './safetensors-header.ts';
import { createScratch, type Matrix, openMatrix } from './tensor-read.ts';
import { parseWeightMap } from './weight-index.ts';

const CONFIG_BYTES = 4 * 1024 * 1024;
const INDEX_BYTES = 100_000_000;
const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';

/** An open Hugging Face directory: config.json and every tensor of its safetensors files. */
export interface Checkpoint {
  readonly directory: string;
  readonly configBytes: Uint8Array;
  readonly config: Readonly<Record<string, unknown>>;
  /** Descriptions of all tensors by name. */
  readonly tensors: ReadonlyMap<string, { readonly file: string; readonly entry: TensorEntry }>;
  /** Opens a tensor for reading as float32. Throws MODEL_TENSOR_MISSING, MODEL_CONFIG_UNSUPPORTED. */
  matrix(name: string): Matrix;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint and checks all headers; reads no weight yet.
 * Throws NOT_FOUND_FILE, MODEL_CONFIG_INVALID, MODEL_SAFETENSORS_INVALID, MODEL_TENSOR_MISSING,
 * MODEL_TENSOR_UNEXPECTED.
 */
export async function openCheckpoint(directory: string): Promise<Checkpoint> {
  const facts = await stat(directory).catch(() => undefined);
  if (!facts?.isDirectory())
    throw new RiosError('NOT_FOUND_FILE', `${directory} is not a directory`, {
      details: { path: directory },
    });
  const configPath = join(directory, 'config.json');
  const configBytes = await readSmallFile(configPath, CONFIG_BYTES);
  if (!configBytes)
    throw new RiosError('NOT_FOUND_FILE', `${directory} has no config.json`, {
      details: { path: configPath },
      hint: 'Give a Hugging Face model directory: config.json, tokenizer.json, *.safetensors.',
    });
  const config = parseJsonObject(configBytes.toString('utf8'), configPath);
  const files = await openFiles(directory);
  try {
    const tensors = indexTensors(files.open);
    if (files.map) checkWeightMap(files.map, tensors);
    return assemble(directory, configBytes, config, files.open, tensors);
  } catch (error) {
    await closeAll(files.open.values());
    throw error;
  }
}

type Tensors = Map<string, { readonly file: string; readonly entry: TensorEntry }>;

function assemble(
  directory: string,
  configBytes: Uint8Array,
  config: Record<string, unknown>,
  files: ReadonlyMap<string, SafetensorsFile>,
  tensors: Tensors,
): Checkpoint {
  const scratch = createScratch();
  return {
    directory,
    configBytes,
    config,
    tensors,
    matrix: (name) => {
      const found = tensors.get(name);
      const file = found && files.get(found.file);
      if (!file) throw tensorMissing(name);
      return openMatrix(file, found.entry, scratch);
    },
    close: () => closeAll(files.values()),
  };
}

/** The error for a tensor that the model type needs and the checkpoint lacks. */
export function tensorMissing(name: string): RiosError {
  return new RiosError('MODEL_TENSOR_MISSING', `the checkpoint has no tensor "${name}"`, {
    details: { tensor: name },
  });
}

async function openFiles(
  directory: string,
): Promise<{ open: Map<string, SafetensorsFile>; map: ReadonlyMap<string, string> | undefined }> {
  const index = await readJsonObject(join(directory, INDEX_FILE), INDEX_BYTES);
  const map = index && parseWeightMap(index);
  const names = map ? [...new Set(map.values())].sort() : await soleFile(directory);
  const open = new Map<string, SafetensorsFile>();
  try {
    for (const name of names) open.set(name, await openSafetensors(join(directory, name)));
    return { open, map };
  } catch (error) {
    await closeAll(open.values());
    throw error;
  }
}

/** Without an index: model.safetensors, or the only weight file, whatever its name. */
async function soleFile(directory: string): Promise<string[]> {
  const found = (await readdir(directory)).filter((name) => name.endsWith('.safetensors')).sort();
  if (found.includes(SINGLE_FILE)) return [SINGLE_FILE];
  if (found.length === 1) return found;
  const problem = found.length === 0 ? 'has no *.safetensors file' : `has several, but no ${INDEX_FILE}`;
  throw new RiosError('NOT_FOUND_FILE', `${directory} ${problem}`, {
    details: { path: join(directory, found.length === 0 ? SINGLE_FILE : INDEX_FILE), found },
    hint: 'Only safetensors checkpoints can be split. Download the missing file.',
  });
}

function indexTensors(files: ReadonlyMap<string, SafetensorsFile>): Tensors {
  const tensors: Tensors = new Map();
  for (const [file, { tensors: entries }] of files) {
    for (const entry of entries) {
      const other = tensors.get(entry.name);
      if (other)
        throw new RiosError('MODEL_TENSOR_UNEXPECTED', `tensor "${entry.name}" stands in two files`, {
          details: { tensor: entry.name, files: [other.file, file] },
        });
      tensors.set(entry.name, { file, entry });
    }
  }
  return tensors;
}

function checkWeightMap(map: ReadonlyMap<string, string>, tensors: Tensors): void {
  for (const [name, file] of map) {
    if (tensors.get(name)?.file !== file) throw tensorMissing(name);
  }
  for (const name of tensors.keys()) {
    if (!map.has(name))
      throw new RiosError('MODEL_TENSOR_UNEXPECTED', `the index does not list tensor "${name}"`, {
        details: { tensor: name },
      });
  }
}

async function closeAll(files: Iterable<SafetensorsFile>): Promise<void> {
  for (const file of files) await file.close();
}
