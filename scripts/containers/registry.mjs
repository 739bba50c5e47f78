import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, startProcess, stopProcess, waitUntilReady } from '../servers/server-process.mjs';

/** Starts Debian's docker-registry on a port of loopback, without TLS, with its images in `parent`. */
export async function startRegistry(parent, port) {
  const folder = join(parent, 'registry');
  mkdirSync(folder);
  const settings = join(folder, 'config.yml');
  writeFileSync(
    settings,
    `version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: ${JSON.stringify(join(folder, 'images'))} }
http: { addr: "127.0.0.1:${port}" }
`,
  );
  const server = startProcess('docker-registry', ['serve', settings], {
    folder,
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  await waitUntilReady(server, () => answers(port, 'GET /v2/ HTTP/1.0\r\n\r\n', 'HTTP/1.0 200'));
  return { stop: () => stopProcess(server) };
}
