// Writes docs/errors.md from the catalogue in sdk; the test suite checks that it was run.
//
//   node scripts/errors-doc.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { ERRORS, EXIT } from '../packages/sdk/src/errors/catalog.ts';

const FILE = new URL('../docs/errors.md', import.meta.url);

const AREAS = {
  USER: 'What was asked is wrong',
  AUTH: 'Who asks may not',
  NOT: 'It is not there',
  CONFLICT: 'It is there already, or in use',
  QUOTA: 'A limit is reached',
  CAPACITY: 'The network cannot do it now',
  PEER: 'Another worker failed',
  SERVICE: 'What the orchestrator needs is away',
  API: 'The orchestrator failed, or cannot be reached',
  CHAIN: 'The chain said no, or cannot be reached',
  BILLING: 'It cannot be priced or billed',
  SETTLEMENT: 'Accounts and chain do not go on together',
  WALLET: 'A wallet cannot be used',
  INTEGRITY: 'Something is not what it says it is',
  MODEL: 'A model cannot be read or split',
  DEPLOY: 'An application does not come to run',
  RUNTIME: 'This machine cannot run it',
  BUG: 'A bug in RiOS',
};

const EXIT_MEANINGS = {
  ok: 'success',
  unexpected: 'a bug in RiOS',
  usage: 'wrong usage or wrong input',
  unauthenticated: 'no token, or a wrong one',
  forbidden: 'not allowed',
  notFound: 'not found',
  conflict: 'it exists already, or is in use',
  quota: 'a quota or rate limit',
  capacity: 'no capacity, or no placement',
  failed: 'what was started failed',
  integrity: 'verification failed',
  unreachable: 'a peer or the orchestrator cannot be reached',
  chain: 'the chain refused, or cannot be reached',
  remote: 'the other side failed',
  unsupportedRuntime: 'Node is too old',
  timeout: 'it took too long',
  interrupted: 'Ctrl-C',
  terminated: 'SIGTERM',
};

function render() {
  const areas = Object.entries(AREAS).map(([prefix, title]) => [title, codesOf(prefix)]);
  const listed = areas.flatMap(([, codes]) => codes).length;
  const all = Object.keys(ERRORS).length;
  if (listed !== all) throw new Error(`${all - listed} codes belong to no area of scripts/errors-doc.mjs`);
  return `${[
    '# Errors',
    '',
    'Written by `node scripts/errors-doc.mjs` from `packages/sdk/src/errors/catalog.ts`: change that file, not this one.',
    '',
    'A code never changes its meaning; new ones are added. Compare codes, not messages.',
    'One body everywhere: `{"error": {"code", "message", "hint", "retryable", "requestId"?, "details"?}}`, over HTTP',
    'and under `--json`; OpenAI-compatible routes add `type` and `param`.',
    '*Retry* means: the same request can succeed later.',
    '',
    '## Exit codes of rios',
    '',
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(EXIT).map(([name, code]) => `| ${code} | ${meaningOf(name)} |`),
    '| other | `rios dev --exec` leaves with the exit code of the command |',
    ...areas.flatMap(([title, codes]) => ['', `## ${title}`, '', ...tableOf(codes)]),
  ].join('\n')}\n`;
}

const codesOf = (prefix) => Object.keys(ERRORS).filter((code) => code.split('_')[0] === prefix);

function meaningOf(name) {
  if (EXIT_MEANINGS[name] === undefined)
    throw new Error(`exit code ${name} has no meaning in scripts/errors-doc.mjs`);
  return EXIT_MEANINGS[name];
}

function tableOf(codes) {
  const rows = codes.map((code) => {
    const { status, exit, retryable, hint } = ERRORS[code];
    return `| \`${code}\` | ${status} | ${exit} | ${retryable ? 'yes' : ''} | ${hint.replaceAll('|', '\\|')} |`;
  });
  return ['| code | HTTP | exit | retry | what to do |', '|---|---|---|---|---|', ...rows];
}

const wanted = render();
if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== wanted) {
    console.log('docs/errors.md is out of date: run node scripts/errors-doc.mjs');
    process.exitCode = 1;
  }
} else writeFileSync(FILE, wanted);
