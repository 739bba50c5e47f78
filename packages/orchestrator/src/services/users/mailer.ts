import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';

/** One mail to one address, plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Delivers mail. Throws when it cannot. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** The default: writes each mail to a file (0600) of `directory`, for the operator of a network without SMTP. */
export function createFileMailer(directory: string, clock: Clock): Mailer {
  return {
    send: async ({ to, subject, text }) => {
      const name = `${clock.now()}-${randomBytes(6).toString('hex')}.txt`;
      await writeFileAtomic(join(directory, name), `To: ${to}\nSubject: ${subject}\n\n${text}\n`, 0o600);
    },
  };
}
