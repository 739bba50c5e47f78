import { type Client, createClient } from '@rios/sdk/api/client';
import { resolveConnection } from '@rios/sdk/config/connection';
import { resolveHome } from '@rios/sdk/config/home';

/** A client for the orchestrator that flags, environment and config.yaml name, in that order. */
export async function connect(options: {
  readonly apiUrl?: string | undefined;
  readonly context?: string | undefined;
  readonly timeoutMs?: number | undefined;
}): Promise<Client> {
  const connection = await resolveConnection(options, process.env, resolveHome());
  return createClient({ apiUrl: connection.apiUrl, token: connection.token, timeoutMs: options.timeoutMs });
}
