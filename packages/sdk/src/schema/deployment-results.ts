import { z } from 'zod';
import { appNameSchema, secretNameSchema } from './app.ts';
import {
  deploymentMetricsSchema,
  deploymentViewSchema,
  execResultSchema,
  releaseViewSchema,
  secretViewSchema,
} from './deployment.ts';

/** `rios deployment status`: a view without its wish. */
export const deploymentStatusSchema = deploymentViewSchema.omit({ spec: true });
export type DeploymentStatus = z.infer<typeof deploymentStatusSchema>;

/** What the commands about deployments and secrets print under `--json`, by command id. */
export const DEPLOYMENT_RESULTS = {
  'deployment:delete': z.object({ ok: z.literal(true), name: appNameSchema }),
  'deployment:describe': deploymentViewSchema,
  'deployment:exec': execResultSchema,
  'deployment:list': z.object({ deployments: z.array(deploymentViewSchema) }),
  'deployment:metrics': deploymentMetricsSchema,
  'deployment:open': z.object({ name: appNameSchema, url: z.string(), opened: z.boolean() }),
  'deployment:releases': z.object({ releases: z.array(releaseViewSchema) }),
  'deployment:restart': deploymentViewSchema,
  'deployment:rollback': deploymentViewSchema,
  'deployment:scale': deploymentViewSchema,
  'deployment:status': deploymentStatusSchema,
  'deployment:stop': deploymentViewSchema,
  'deployment:update': deploymentViewSchema,
  'secret:list': z.object({ secrets: z.array(secretViewSchema) }),
  'secret:remove': z.object({ ok: z.literal(true), name: secretNameSchema }),
  'secret:set': secretViewSchema,
} as const satisfies Record<string, z.ZodType>;
