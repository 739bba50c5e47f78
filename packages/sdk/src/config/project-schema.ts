import { z } from 'zod';
import {
  ACCESS_RULES,
  AUTOSCALE_METRICS,
  appNameSchema,
  baseImageSchema,
  envNameSchema,
  imageSchema,
  STRATEGIES,
  sandboxSchema,
  secretNameSchema,
} from '../schema/app.ts';
import { nameSchema } from '../schema/common.ts';

const port = z.int().min(1).max(65_535);
const size = z.union([z.string().min(1).max(32), z.int().min(0)], {
  error: 'write a size, for example 256Mi',
});
const duration = z.union([z.string().min(1).max(16), z.number().positive()], {
  error: 'write a duration, for example 10s',
});
const command = z.union([z.string().min(1).max(4096), z.array(z.string().min(1).max(4096)).min(1).max(64)], {
  error: 'write a command, or a list of its words',
});
/** Inside the project's folder: what comes with a cloned repository names no file of the machine. */
const ownPath = z
  .string()
  .min(1)
  .max(512)
  .refine((path) => !path.startsWith('/') && !path.split(/[/\\]/).includes('..'), {
    error: 'a path may not lead out of the folder of rios.yaml',
  });

export const projectHealthSchema = z
  .strictObject({
    http: z.string().min(1).max(1024).optional().describe('Path that answers 200 to 399 while all is well.'),
    tcp: z
      .union([z.literal(true), port])
      .optional()
      .describe('A port that takes connections.'),
    exec: command.optional().describe('A command in the container that exits with 0.'),
    port: port.optional().describe('Port of the http check; the first one by default.'),
    grace: duration.optional().describe('Failures count only after this, 30s by default.'),
    interval: duration.optional().describe('Between two checks, 1s by default (exec: 10s).'),
    timeout: duration.optional().describe('Of one check, 2s by default.'),
    threshold: z.int().min(1).max(100).optional().describe('Failures in a row that count, 3 by default.'),
  })
  .describe('How to see that it works. Say one of http, tcp, exec.');

const replicasSchema = z.union(
  [
    z.int().min(0).max(1000),
    z.strictObject({ min: z.int().min(0).max(1000), max: z.int().min(1).max(1000) }),
  ],
  { error: 'write a number, or {min: 1, max: 5}' },
);

const autoscaleSchema = z.strictObject({
  metric: z
    .enum(AUTOSCALE_METRICS)
    .describe('Per replica: requests at once, p95 in ms, waiting, cpu in percent.'),
  target: z.number().positive().max(1e6),
});

const envValue = z.union([z.string().max(32 * 1024), z.number(), z.boolean()], {
  error: 'write text, a number, true or false',
});

/**
 * ./rios.yaml says what the application is, and by its name which of the user's contexts it belongs to. It comes
 * with a cloned repository, so it decides nothing about where tokens go or where files are.
 */
export const projectSchema = z
  .strictObject({
    context: nameSchema.optional().describe("Which of the user's contexts it belongs to."),
    name: appNameSchema.optional().describe('Its name in the network, one DNS label: a-z, 0-9 and -.'),
    base: baseImageSchema.optional().describe('Base image that the folder runs in, rios/node by default.'),
    image: imageSchema.optional().describe('An image instead of the folder: name@sha256:…'),
    archive: ownPath.optional().describe('A saved image (docker save) instead of the folder.'),
    model: ownPath.optional().describe('A model bundle instead of an application.'),
    run: command.optional().describe('Command that starts it.'),
    port: port.optional().describe('Port that it listens on; also in the variable PORT.'),
    ports: z.array(port).max(16).optional().describe('Its ports; the first one gets the requests.'),
    env: z.record(envNameSchema, envValue).optional().describe('Environment variables; nothing secret.'),
    secrets: z
      .union([z.array(envNameSchema).max(64), z.record(envNameSchema, secretNameSchema)], {
        error: 'write a list of names, or {VARIABLE: name-of-secret}',
      })
      .optional()
      .describe('Secrets of the account (rios secret set) as environment variables.'),
    cpu: z
      .union([z.number().positive(), z.string().max(16)], {
        error: 'write a number of cores, for example 0.5',
      })
      .optional()
      .describe('Cores, 0.25 by default.'),
    memory: size.optional().describe('256Mi by default.'),
    disk: size.optional().describe('What it may write, 256Mi by default.'),
    pids: z.int().min(8).max(65_536).optional().describe('Processes and threads at most, 256 by default.'),
    gpu: z.int().min(0).max(64).optional().describe('GPUs.'),
    replicas: replicasSchema.optional().describe('How many run: a number, or {min, max}.'),
    autoscale: autoscaleSchema.optional().describe('What holds the number between min and max.'),
    health: z
      .union([z.literal('none'), projectHealthSchema], {
        error: 'write {http: /path}, {tcp: true}, {exec: …} or none',
      })
      .optional(),
    sandbox: sandboxSchema.optional().describe('standard (runc), gvisor or kata.'),
    region: z.string().min(1).max(64).optional().describe('Only workers of this region.'),
    labels: z
      .record(z.string().max(64), z.string().max(128))
      .optional()
      .describe('Only workers with these labels.'),
    egress: z.array(z.string().max(256)).max(64).optional().describe('What it may reach: 10.0.0.0/8:5432.'),
    maxPrice: z
      .union([z.string().min(1).max(64), z.number().positive()], {
        error: 'write an amount of ROS, for example 0.05',
      })
      .optional()
      .describe('Most that one replica may cost in an hour, in ROS.'),
    strategy: z.enum(STRATEGIES).optional().describe('How a new release takes over, rolling by default.'),
    access: z.enum(ACCESS_RULES).optional().describe('Who may send requests, public by default.'),
  })
  .describe('rios.yaml: an application for RiOS.');
export type ProjectFile = z.infer<typeof projectSchema>;
export type ProjectHealth = z.infer<typeof projectHealthSchema>;

/** Which keys may stand where: for what to say about another one. */
export const PROJECT_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(projectSchema.shape),
  health: Object.keys(projectHealthSchema.shape),
  replicas: ['min', 'max'],
  autoscale: Object.keys(autoscaleSchema.shape),
};
