import { z } from 'zod';
import { modelViewSchema } from './api.ts';
import { appNameSchema } from './app.ts';
import { countSchema } from './common.ts';
import { deploymentPlanSchema, deploymentViewSchema } from './deployment.ts';

/** `rios deployment plan`, and `rios deploy --dry-run`. */
export const planReportSchema = deploymentPlanSchema.extend({ kind: z.literal('plan'), name: appNameSchema });
export type PlanReport = z.infer<typeof planReportSchema>;

/** `rios deploy` of an application: the deployment as it stands, the release that was made, what was uploaded. */
export const appReportSchema = deploymentViewSchema.extend({
  kind: z.literal('app'),
  release: countSchema,
  sentBytes: countSchema,
  /** Bytes that the network had already. */
  presentBytes: countSchema,
});
export type AppReport = z.infer<typeof appReportSchema>;

/** `rios deploy --model`. */
export const modelReportSchema = modelViewSchema.extend({
  kind: z.literal('model'),
  sentBytes: countSchema,
  presentBytes: countSchema,
});
export type ModelReport = z.infer<typeof modelReportSchema>;

/** What the commands that make releases print under `--json`, by command id. */
export const DEPLOY_RESULTS = {
  deploy: z.discriminatedUnion('kind', [appReportSchema, planReportSchema, modelReportSchema]),
  'deployment:plan': planReportSchema,
  init: z.object({ file: z.string(), name: appNameSchema }),
} as const satisfies Record<string, z.ZodType>;
