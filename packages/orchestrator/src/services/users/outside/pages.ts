import { Readable } from 'node:stream';
import { sha256Of } from '@rios/sdk/crypto/hash';
import type { BytesAnswer } from '../../../gateway/endpoint.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of anybody's as text of a page. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ESCAPES[one] ?? '');

/** A page without script, style or anything from elsewhere: the gateway's headers allow none. */
function page(title: string, body: string): BytesAnswer {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1>
${body}
</body>
</html>
`;
  const bytes = Buffer.from(html);
  return {
    kind: 'bytes',
    contentType: 'text/html; charset=utf-8',
    sizeBytes: bytes.byteLength,
    etag: sha256Of(bytes),
    open: (from, to) => Readable.from([bytes.subarray(from, to)]),
  };
}

/** What the person decides on: all of it may have been chosen by whoever sent the link. */
export interface Question {
  readonly login: string;
  /** Who the provider says it is. */
  readonly who: string;
  readonly client: string;
  readonly address: string;
  readonly userCode: string;
  /** The account that it would open from now on; undefined for a login. */
  readonly linkTo: string | undefined;
  readonly confirm: string;
}

/** Asks before anybody is let in: a link that somebody else sent looks the same until here. */
export function questionPage(question: Question): BytesAnswer {
  const { login, who, client, address, userCode, linkTo, confirm } = question;
  const what =
    linkTo === undefined
      ? `A program wants to log in to RiOS as <b>${escapeHtml(who)}</b> (${escapeHtml(login)}).`
      : `From now on <b>${escapeHtml(who)}</b> (${escapeHtml(login)}) would open the RiOS account <b>${escapeHtml(linkTo)}</b>.`;
  return page(
    'RiOS: is this you?',
    `<p>${what}</p>
<p>It calls itself <b>${escapeHtml(client)}</b>, at ${escapeHtml(address)}, and shows the code <b>${escapeHtml(userCode)}</b>.</p>
<p>Say yes only if you began this yourself and the code on your screen is the same. Whoever sent you here otherwise
would get into your account.</p>
<form method="post" action="../confirm"><input type="hidden" name="confirm" value="${escapeHtml(confirm)}">
<button name="answer" value="no">No</button> <button name="answer" value="yes">Yes, it is me</button></form>`,
  );
}

export const agreedPage = (): BytesAnswer =>
  page('RiOS: done', '<p>Go back to the program that began this. You can close this page.</p>');

export const declinedPage = (): BytesAnswer =>
  page('RiOS: refused', '<p>Nobody was let in. You can close this page.</p>');

/** @param why in words of ours */
export const failedPage = (why: string): BytesAnswer =>
  page('RiOS: it did not work', `<p>${escapeHtml(why)}.</p><p>Nobody was let in. Begin again.</p>`);
