import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The vector instructions that ORT's CPU kernels choose by. */
export type IsaTier = 'avx512' | 'avx2' | 'sse' | 'neon';

/** The tier that a CPU's flags (as in /proc/cpuinfo) amount to. */
export function isaTierOf(flags: readonly string[]): IsaTier {
  if (flags.includes('avx512f') && flags.includes('avx512bw')) return 'avx512';
  return flags.includes('avx2') ? 'avx2' : 'sse';
}

/** The tier of this machine. Where the system does not tell (not Linux), x64 counts as avx2, as its kernels need. */
export function isaTier(): IsaTier {
  if (process.arch === 'arm64') return 'neon';
  if (process.platform !== 'linux') return 'avx2';
  const line = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  return isaTierOf(line.trim().split(/\s+/));
}

/**
 * Inside one class, and with the same chunking, re-execution is bit-equal:
 * `ort-<version>/<provider>/<isa tier>/<graph optimisation>/<dtype>/<kernel>`.
 */
export function numericClass(provider: string): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return `ort-${version}/${provider}/${isaTier()}/all/float32/noprepack`;
}
