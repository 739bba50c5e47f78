import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';

const MAX_REPLICAS = 1000;

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

/** A number of replicas. Throws USER_INVALID_REQUEST. */
export const replicasArgument = Args.custom<number>({
  parse: async (text) => {
    const count = Number(text);
    if (/^\d{1,4}$/.test(text) && count <= MAX_REPLICAS) return count;
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is no number of replicas`, {
      hint: `Write a whole number from 0 to ${MAX_REPLICAS}.`,
    });
  },
});
