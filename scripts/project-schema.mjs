// Writes packages/cli/schema/rios.schema.json, by which editors check rios.yaml, from the schema in sdk.
//
//   node scripts/project-schema.mjs [--check]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { projectSchema } from '../packages/sdk/src/config/project-schema.ts';

const FILE = new URL('../packages/cli/schema/rios.schema.json', import.meta.url);

const schema = { ...z.toJSONSchema(projectSchema, { io: 'input' }), title: 'rios.yaml' };
const text = `${JSON.stringify(schema, null, 2)}\n`;
if (process.argv.includes('--check')) {
  if (JSON.stringify(JSON.parse(readFileSync(FILE, 'utf8'))) !== JSON.stringify(schema)) {
    console.error('packages/cli/schema/rios.schema.json is old: node scripts/project-schema.mjs');
    process.exitCode = 1;
  }
} else {
  mkdirSync(new URL('.', FILE), { recursive: true });
  writeFileSync(FILE, text);
}
