// npx rios dev --model examples/models/tiny-moe --exec 'node examples/01-ask/ask.ts'
//
// Asks through the SDK, prints the answer as it comes, then who computed it.
import { createClient } from '@rios/sdk/api/client';

const client = createClient({
  apiUrl: process.env.RIOS_API_URL ?? 'http://127.0.0.1:7070',
  token: process.env.RIOS_API_TOKEN,
});

const chunks = client.stream('createCompletion', {
  body: { model: 'tiny-moe', prompt: 'And God said, Let there be', max_tokens: 32, temperature: 0 },
});

for await (const chunk of chunks) {
  process.stdout.write(chunk.choices[0]?.text ?? '');
  for (const worker of chunk.rios?.workers ?? []) {
    process.stdout.write(
      `\n${worker.name}: ${worker.parts.length} parts, ${worker.expertCalls} expert calls`,
    );
  }
}
process.stdout.write('\n');
