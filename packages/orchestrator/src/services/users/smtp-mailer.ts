import { RiosError } from '@rios/sdk/errors/error';
import type { Mailer } from './mailer.ts';

const TIMEOUT_MS = 20_000;

/**
 * Sends by SMTP; nodemailer is loaded at the first mail.
 * @param url smtp:// or smtps://, with user and password when needed
 * @param from the sender's address
 */
export function createSmtpMailer(url: string, from: string): Mailer {
  return {
    send: async ({ to, subject, text }) => {
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        url,
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
      });
      try {
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
      } catch (cause) {
        throw new RiosError('SERVICE_UNAVAILABLE', 'the mail server did not take the mail', { cause });
      } finally {
        transport.close();
      }
    },
  };
}
