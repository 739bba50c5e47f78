import type { Hook } from '@oclif/core/hooks';
import { RiosError } from '@rios/sdk/errors/error';
import { nearest } from '../nearest.ts';

/** An unknown command: exit code 2, and the command that was probably meant. */
const hook: Hook<'command_not_found'> = async ({ id, argv = [], config }) => {
  const words = id.split(':');
  if (words[0] === 'wallet') {
    // the message below repeats what was given: that may be a key
    const { refuseSecretArguments } = await import('../wallet/refuse-secrets.ts');
    refuseSecretArguments('wallet:import', [...words.slice(1), ...argv]);
  }
  const asked = id.replaceAll(':', ' ');
  const known = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const guess = nearest(asked, known);
  throw new RiosError('USER_INVALID_REQUEST', `there is no command ${JSON.stringify(asked)}`, {
    hint: guess === undefined ? 'See rios --help.' : `Did you mean: rios ${guess}? See rios --help.`,
  });
};

export default hook;
