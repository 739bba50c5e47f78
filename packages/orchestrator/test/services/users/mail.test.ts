import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { createFileMailer } from '../../../src/services/users/mailer.ts';
import { createSmtpMailer } from '../../../src/services/users/smtp-mailer.ts';
import { expectError } from '../../support/expect-error.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createTempDirectory } from '../../support/temp-directory.ts';

const MAIL = { to: 'ada@example.org', subject: 'RiOS: hello', text: 'a token' };

describe('users: mail', () => {
  it('default: without SMTP each mail is a file for its owner alone', async () => {
    const directory = await createTempDirectory();
    try {
      const folder = join(directory.path, 'mail');
      await createFileMailer(folder, createManualClock()).send(MAIL);
      const [name = ''] = await readdir(folder);
      const file = join(folder, name);

      expect(await readFile(file, 'utf8')).to.equal('To: ada@example.org\nSubject: RiOS: hello\n\na token\n');
      expect((await stat(file)).mode & 0o777).to.equal(0o600);
    } finally {
      await directory.remove();
    }
  });

  it('option: SMTP_URL: the mail reaches the server', async () => {
    const received: string[] = [];
    const server = await startSmtp(received);
    try {
      await createSmtpMailer(server.url, 'rios@example.net').send(MAIL);
    } finally {
      await server.stop();
    }

    const session = received.join('');
    expect(session).to.contain('MAIL FROM:<rios@example.net>').and.contain('RCPT TO:<ada@example.org>');
    expect(session).to.contain('Subject: RiOS: hello').and.contain('a token');
  });

  it('error SERVICE_UNAVAILABLE: the server is away', async () => {
    const server = await startSmtp([]);
    await server.stop();
    await expectError(createSmtpMailer(server.url, 'rios@example.net').send(MAIL), 'SERVICE_UNAVAILABLE');
  });
});

/** A mail server that takes one mail by the book (RFC 5321) and keeps what it was told. */
async function startSmtp(received: string[]): Promise<{ url: string; stop: () => Promise<void> }> {
  const server: Server = createServer((socket) => {
    let inText = false;
    socket.write('220 ready\r\n');
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      received.push(text);
      if (inText) {
        if (!text.endsWith('\r\n.\r\n')) return;
        inText = false;
        socket.write('250 taken\r\n');
      } else if (/^DATA/i.test(text)) {
        inText = true;
        socket.write('354 go on\r\n');
      } else if (/^QUIT/i.test(text)) socket.end('221 bye\r\n');
      else socket.write('250 ok\r\n');
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
