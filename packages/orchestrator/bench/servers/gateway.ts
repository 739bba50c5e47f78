import { createJwt, report } from './shared.ts';
import { startBenchGateway } from './start-gateway.ts';

const { token, verify } = await createJwt();
const scopes = new Set(['network'] as const);
const { url } = await startBenchGateway(async (text) => {
  const accountId = await verify(text);
  return accountId === undefined
    ? undefined
    : { accountId, name: 'bench', role: 'admin' as const, scopes, blobQuotaBytes: 0 };
});
report(url, token);
