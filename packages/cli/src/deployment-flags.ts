import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

/** Which application a command is about. */
export const appArgument = {
  name: Args.string({ description: 'Name of the application.', required: true }),
};

/** For what takes effect by and by. */
export const waitFlag = (what: string) => ({
  wait: Flags.boolean({ summary: `Wait until ${what} (--timeout says how long, 5m by default).` }),
});

/** For what makes a release: waiting is the default. */
export const detachFlag = {
  detach: Flags.boolean({ summary: 'Do not wait until the new release is healthy.' }),
};
