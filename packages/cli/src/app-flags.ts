import * as Flags from '@oclif/core/flags';
import { ACCESS_RULES, SANDBOXES, STRATEGIES } from '@rios/sdk/schema/app';

const again = { multiple: true, multipleNonGreedy: true } as const;

/** What of rios.yaml can be said on the command line; it counts over the file. */
export const appFlags = {
  name: Flags.string({ summary: "Name of the application; the folder's by default." }),
  image: Flags.string({
    summary: 'Run this image, name@sha256:…, instead of the folder.',
    exclusive: ['base'],
  }),
  base: Flags.string({ summary: 'Base image that the folder runs in, rios/node by default.' }),
  run: Flags.string({ summary: "Command that starts it, for example 'node server.js'." }),
  port: Flags.integer({
    summary: 'Port that it listens on; may be given again.',
    min: 1,
    max: 65_535,
    ...again,
  }),
  env: Flags.string({ summary: 'NAME=value, or NAME to take it from here; may be given again.', ...again }),
  'env-file': Flags.string({ summary: 'File with lines NAME=value; may be given again.', ...again }),
  secret: Flags.string({
    summary: 'NAME, or NAME=secret: a secret of the account as a variable; may be given again.',
    ...again,
  }),
  cpu: Flags.string({ summary: 'Cores, for example 0.5.' }),
  memory: Flags.string({ summary: 'For example 256Mi.' }),
  disk: Flags.string({ summary: 'What it may write, for example 1Gi.' }),
  gpu: Flags.integer({ summary: 'GPUs.', min: 0 }),
  replicas: Flags.string({ summary: 'How many run: 3, or 1-5 to go with the load.' }),
  health: Flags.string({ summary: 'How to see that it works: a path like /healthz, tcp, or none.' }),
  sandbox: Flags.option({ options: SANDBOXES, summary: 'What keeps it in.' })(),
  region: Flags.string({ summary: 'Only workers of this region.' }),
  label: Flags.string({ summary: 'name=value: only workers with this label; may be given again.', ...again }),
  egress: Flags.string({
    summary: 'What it may reach, for example 10.0.0.0/8:5432; may be given again.',
    ...again,
  }),
  'max-price': Flags.string({
    summary: "Most that one replica may cost in an hour, for example '0.05 ROS'.",
  }),
  strategy: Flags.option({ options: STRATEGIES, summary: 'How a new release takes over.' })(),
  access: Flags.option({ options: ACCESS_RULES, summary: 'Who may send requests.' })(),
};
