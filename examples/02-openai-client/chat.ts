// npx rios dev --model examples/models/tiny-moe --exec 'node examples/02-openai-client/chat.ts'
//
// The official OpenAI client, unchanged: only the address and the key are RiOS's.
import OpenAI from 'openai';

const openai = new OpenAI({
  baseURL: `${process.env.RIOS_API_URL ?? 'http://127.0.0.1:7070'}/v1`,
  apiKey: process.env.RIOS_API_TOKEN ?? '',
});

const stream = await openai.chat.completions.create({
  model: 'tiny-moe',
  messages: [{ role: 'user', content: 'And God said, Let there be' }],
  max_completion_tokens: 32,
  temperature: 0,
  stream: true,
  stream_options: { include_usage: true },
});

for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  if (chunk.usage) process.stdout.write(`\n${chunk.usage.completion_tokens} tokens\n`);
}
