import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '@rios/sdk/clock';
import { createAuthenticate } from '../../src/auth/principal.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { report } from './shared.ts';
import { openBenchStore, startBenchGateway } from './start-gateway.ts';

const store = await openBenchStore();
const accounts = createAccounts({ store, clock });
const tokenFile = join(await mkdtemp(join(tmpdir(), 'rios-bench-')), 'api-token');
await accounts.ensureLocal(tokenFile, 0);
/** The token is none: nothing of this is asked. */
const accessTokens = { issue: () => Promise.reject(new Error('not used')), verify: async () => undefined };
const { url } = await startBenchGateway(createAuthenticate({ store, clock, accessTokens }), store);
report(url, (await readFile(tokenFile, 'utf8')).trim());
