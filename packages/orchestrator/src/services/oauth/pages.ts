import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { TokenScope } from '@rios/sdk/api/route';

/** What each scope lets a program do, in the words of whom is asked. */
const SCOPE_TEXTS: Readonly<Record<TokenScope, string>> = {
  inference: 'run models',
  models: 'upload, place and remove models',
  deployments: 'deploy applications, and see what they write',
  workers: 'see and remove workers',
  network: 'manage the network: invites and roles',
  status: 'see the state of the network',
  account: 'act for your account: sessions, tokens, organisations',
  audit: 'read the audit log',
};

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:3rem auto;padding:0 1rem;color:#111;background:#fff}
label{display:block;margin:.75rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.4rem}
button{font:inherit;padding:.4rem 1rem;margin:.5rem .5rem 0 0}code{font-size:1.25em;letter-spacing:.1em}
.wrong{color:#a00}dt{font-weight:600}dd{margin:0 0 .5rem}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Fields that a form sends along unseen. */
export type HiddenFields = Readonly<Record<string, string>>;

/** Text as HTML shows it, whatever it holds. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
}

const hidden = (fields: HiddenFields): string =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');

/** Asks for e-mail, password and second factor; for a device also for its code. */
export function loginPage(given: {
  readonly title: string;
  readonly action: string;
  readonly fields: HiddenFields;
  /** What was typed or linked; undefined where no code is asked for. */
  readonly userCode?: string | undefined;
  readonly email?: string | undefined;
  /** What was wrong the last time. */
  readonly wrong?: string | undefined;
}): string {
  const { wrong, userCode, email = '' } = given;
  const code = `<label>Code that your terminal shows
<input name="user_code" required maxlength="32" autocomplete="off" value="${escapeHtml(userCode ?? '')}"></label>`;
  return page(
    given.title,
    `${wrong === undefined ? '' : `<p class="wrong" role="alert">${escapeHtml(wrong)}</p>`}
<form method="post" action="${escapeHtml(given.action)}">${hidden(given.fields)}${userCode === undefined ? '' : code}
<label>E-mail<input name="email" type="email" required maxlength="254" autocomplete="username" value="${escapeHtml(email)}"></label>
<label>Password<input name="password" type="password" required maxlength="256" autocomplete="current-password"></label>
<label>Second factor, if you have one<input name="code" maxlength="32" autocomplete="one-time-code"></label>
<button>Go on</button></form>`,
  );
}

/** Asks yes or no: what program, what for, for whom. */
export function confirmPage(given: {
  readonly action: string;
  readonly fields: HiddenFields;
  readonly program: string;
  readonly account: string;
  readonly scopes: readonly TokenScope[];
  /** Further facts, by their name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly warning: string;
}): string {
  const facts = { Program: given.program, Account: given.account, ...given.facts };
  const list = Object.entries(facts)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('');
  const scopes = given.scopes
    .map((scope) => `<li>${escapeHtml(SCOPE_TEXTS[scope])} (<b>${scope}</b>)</li>`)
    .join('');
  return page(
    'Let it in?',
    `<dl>${list}</dl><p>It may:</p><ul>${scopes}</ul><p>${escapeHtml(given.warning)}</p>
<form method="post" action="${escapeHtml(given.action)}">${hidden(given.fields)}
<button name="decision" value="allow">Allow</button><button name="decision" value="refuse">Refuse</button></form>`,
  );
}

/** Says one thing, with no way on. */
export const messagePage = (title: string, text: string): string => page(title, `<p>${escapeHtml(text)}</p>`);

/**
 * The headers of a page: no script, no frame, no cache, nothing from elsewhere.
 * @param formTargets origins that a form's answer may lead to, beside our own
 */
export function pageHeaders(formTargets: readonly string[] = []): ReadonlyMap<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return new Map([
    ['content-type', 'text/html; charset=utf-8'],
    ['content-security-policy', policy.join('; ')],
    // a form sent from a page without referrer would say "Origin: null"
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cache-control', 'no-store'],
  ]);
}

/** Sends a page. */
export function sendPage(
  response: ServerResponse,
  html: string,
  { status = 200, formTargets = [] }: { status?: number; formTargets?: readonly string[] } = {},
): void {
  response.setHeaders(new Map(pageHeaders(formTargets)));
  response.statusCode = status;
  response.end(html);
}
