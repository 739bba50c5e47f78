import type { ProjectFile } from '@rios/sdk/config/project-schema';
import { appNameSchema } from '@rios/sdk/schema/app';

/** What is offered as the answer to each question. */
export interface Offered {
  readonly name: string | undefined;
  readonly run: string | undefined;
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

function questionsOf({ name, run }: Offered) {
  return [
    {
      type: 'input' as const,
      name: 'name' as const,
      message: 'Name of the application:',
      default: name,
      validate: (text: string) => appNameSchema.safeParse(text).success || 'a-z, 0-9 and -, first a letter',
    },
    {
      type: 'input' as const,
      name: 'run' as const,
      message: 'Command that starts it:',
      default: run,
      validate: (text: string) => text.trim() !== '' || 'for example node server.js',
    },
    {
      type: 'input' as const,
      name: 'port' as const,
      message: 'Port that it listens on:',
      default: '8080',
      validate: (text: string) => isPort(text) || 'a number from 1 to 65535',
    },
    {
      type: 'input' as const,
      name: 'health' as const,
      message: 'Path that answers while all is well (empty: any connection will do):',
      default: '',
      validate: (text: string) => text === '' || text.startsWith('/') || 'for example /healthz',
    },
    {
      type: 'input' as const,
      name: 'replicas' as const,
      message: 'How many run at once:',
      default: '1',
      validate: (text: string) => /^\d{1,3}$/.test(text) || 'a number',
    },
  ];
}

/** Asks on the terminal (by stderr) what the flags left open. Ctrl-C ends the command. */
export async function askProject(given: ProjectFile, offered: Offered): Promise<ProjectFile> {
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const known = new Set(Object.keys(given).map((key) => (key === 'ports' ? 'port' : key)));
  if (given.image !== undefined) known.add('run');
  const open = questionsOf(offered).filter(({ name }) => !known.has(name));
  const answers: Partial<Record<string, string>> = await prompt(open);
  const { name, run, port, health, replicas } = answers;
  return {
    ...(name === undefined ? {} : { name }),
    ...(run === undefined ? {} : { run }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(health === undefined || health === '' ? {} : { health: { http: health } }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
  };
}
