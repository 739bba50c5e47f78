import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

const LOAD_MS = 300_000;

/** Loads a docker-archive into the engine at `host` (`unix:///…`). Throws with what the engine says. */
export async function loadImage(host, file) {
  if (!host.startsWith('unix://')) throw new Error(`not a unix socket: ${host}`);
  const sending = request({
    socketPath: host.slice('unix://'.length),
    path: '/images/load?quiet=true',
    method: 'POST',
    headers: { 'content-type': 'application/x-tar', 'content-length': statSync(file).size },
    signal: AbortSignal.timeout(LOAD_MS),
  });
  const answered = new Promise((resolve, reject) => {
    sending.on('response', resolve);
    sending.on('error', reject);
  });
  const [answer] = await Promise.all([answered, pipeline(createReadStream(file), sending)]);
  const text = await readAll(answer);
  // an error in the middle comes in the body of a 200
  if (answer.statusCode !== 200 || text.includes('"errorDetail"'))
    throw new Error(`${host} did not load the image (${answer.statusCode}): ${text.slice(0, 2000)}`);
}

async function readAll(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
