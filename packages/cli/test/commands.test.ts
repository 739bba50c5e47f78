import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CLI_EVENTS, CLI_RESULTS } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';

const MANIFEST = fileURLToPath(new URL('../oclif.manifest.json', import.meta.url));
const SNAPSHOT = fileURLToPath(new URL('./commands.snapshot.json', import.meta.url));

interface Flag {
  readonly type: string;
  readonly char?: string;
  readonly env?: string;
  readonly options?: readonly string[];
  readonly default?: unknown;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly allowNo?: boolean;
}

interface Command {
  readonly aliases: readonly string[];
  readonly args: Record<string, { readonly required?: boolean; readonly options?: readonly string[] }>;
  readonly flags: Record<string, Flag>;
}

/** 'string, -q, env RIOS_X, one of a|b, required' */
function describeFlag(flag: Flag): string {
  return [
    flag.type,
    flag.char === undefined ? '' : `-${flag.char}`,
    flag.env === undefined ? '' : `env ${flag.env}`,
    flag.options === undefined ? '' : `one of ${flag.options.join('|')}`,
    flag.default === undefined ? '' : `default ${JSON.stringify(flag.default)}`,
    flag.required === true ? 'required' : '',
    flag.multiple === true ? 'may be given again' : '',
    flag.allowNo === true ? 'also --no-' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function describeArg(arg: Command['args'][string]): string {
  const options = arg.options === undefined ? '' : `, one of ${arg.options.join('|')}`;
  return `${arg.required === true ? 'required' : 'optional'}${options}`;
}

const mapped = <T>(record: Record<string, T>, describe: (value: T) => string) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, describe(value)]));

/** Every command with its arguments (their order counts) and flags (by name). */
function readCommands(): Record<string, unknown> {
  const { commands } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { commands: Record<string, Command> };
  const ids = Object.keys(commands).sort();
  return Object.fromEntries(
    ids.map((id) => {
      const { args = {}, flags = {}, aliases = [] } = commands[id] ?? ({} as Partial<Command>);
      const sorted = Object.fromEntries(Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1)));
      return [id, { aliases, args: mapped(args, describeArg), flags: mapped(sorted, describeFlag) }];
    }),
  );
}

describe('commands', () => {
  it('default: commands, arguments and flags are those of commands.snapshot.json', () => {
    const text = `${JSON.stringify(readCommands(), null, 2)}\n`;
    if (process.env.RIOS_UPDATE_SNAPSHOT === '1') writeFileSync(SNAPSHOT, text);

    expect(JSON.parse(text)).to.deep.equal(
      JSON.parse(readFileSync(SNAPSHOT, 'utf8')),
      'Commands and flags are an API. If the change is meant: RIOS_UPDATE_SNAPSHOT=1 npm test -- --grep commands, ' +
        'and commit test/commands.snapshot.json.',
    );
  });

  it('behaviour: every command has a schema for what it prints under --json', () => {
    const ids = [...Object.keys(CLI_RESULTS), ...Object.keys(CLI_EVENTS)].sort();

    expect(ids).to.deep.equal(Object.keys(readCommands()));
  });

  it('behaviour: no flag takes a secret by the command line', () => {
    for (const [id, command] of Object.entries(readCommands())) {
      const { flags } = command as { flags: Record<string, string> };
      const secret = Object.keys(flags).filter((name) => /password|secret|token(?!s)/.test(name));
      expect(
        // --secret of an application names one
        secret.filter((name) => name !== 'secret' && !/-(stdin|file)$/.test(name)),
        id,
      ).to.deep.equal([]);
    }
  });
});
