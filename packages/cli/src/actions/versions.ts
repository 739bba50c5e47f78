import { createRequire } from 'node:module';
import { VERSION } from '@rios/sdk/version';

/** Versions of the parts that are installed. */
export function listVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  return {
    rios: VERSION,
    worker: versionOf('@rios/worker'),
    orchestrator: versionOf('@rios/orchestrator'),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
}
