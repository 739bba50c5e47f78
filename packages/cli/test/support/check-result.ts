import { CLI_EVENTS, CLI_RESULTS } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';

/** Ids of the commands that were run with --json and answered well, in this process. */
export const checkedCommands = new Set<string>();

const schemas = { ...CLI_RESULTS, ...CLI_EVENTS };
type CommandId = keyof typeof schemas;
const isCommand = (id: string): id is CommandId => Object.hasOwn(schemas, id);

/** The command of an argument list: the longest run of leading words that names one. */
function commandOf(args: readonly string[]): CommandId | undefined {
  const words = args.findIndex((arg) => arg.startsWith('-'));
  for (let count = Math.min(4, words === -1 ? args.length : words); count > 0; count--) {
    const id = args.slice(0, count).join(':');
    if (isCommand(id)) return id;
  }
  return undefined;
}

/** Fails unless the line is what the command's schema says, with no field beside it. */
function checkLine(id: CommandId, line: string): void {
  const value: unknown = JSON.parse(line);
  const parsed = schemas[id].safeParse(value);
  expect(parsed.error?.issues, `${id} --json: ${line.slice(0, 300)}`).to.equal(undefined);
  expect(parsed.data, `${id} --json has fields that its schema does not`).to.deep.equal(value);
  checkedCommands.add(id);
}

/** Whatever a test asks of a command: under --json its stdout has the documented form. */
export function checkJsonOutput(args: readonly string[], stdout: string): void {
  const id = commandOf(args);
  if (id === undefined || !args.includes('--json') || args.includes('--events')) return;
  if (args.includes('--help') || args.some((arg) => arg.startsWith('--exec'))) return;
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    if (!/^\{"error":/.test(line)) checkLine(id, line);
  }
}
