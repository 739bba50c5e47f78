import type { Client } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { CliResults } from '@rios/sdk/schema/cli-results';

/** What is offered, and what the caller has linked; null for who is not signed in. */
export async function listOutside(
  client: Client,
  signal: AbortSignal,
): Promise<CliResults['auth:outside:list']> {
  const { logins } = await client.listOutsideLogins({ signal });
  try {
    const { identities } = await client.listOutsideIdentities({ signal });
    return { logins, identities };
  } catch (error) {
    if (!hasCode(error, 'AUTH_REQUIRED')) throw error;
    return { logins, identities: null };
  }
}
