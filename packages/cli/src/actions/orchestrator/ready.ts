import { RiosError } from '@rios/sdk/errors/error';
import { networkIdSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';
import type { ChildEvent } from '../../launch.ts';

const readySchema = z.object({
  apiUrl: z.url(),
  tokenFile: z.string(),
  networkId: networkIdSchema,
  /** Of its database. */
  storeId: z.string(),
  /** Of its ingress, when it has one. */
  appsPort: z.int().min(1).max(65_535).nullable().default(null),
});

/** What an orchestrator says when it is up. */
export type OrchestratorReady = z.infer<typeof readySchema>;

/** Reads the ready event of `rios-orchestrator`. */
export function parseReady(event: ChildEvent): OrchestratorReady {
  const parsed = readySchema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new RiosError('BUG_UNEXPECTED', 'rios-orchestrator became ready without an address', {
    details: { ...event },
  });
}
