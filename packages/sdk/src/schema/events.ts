import { z } from 'zod';
import { countSchema } from './common.ts';

/** What events can be about: the first word of their kind, for example `worker.lost`. */
const topicSchema = z.string().regex(/^[a-z]{1,32}$/);

/** How to watch: `after` an event's id (0 = all that are kept), else from now on; only `topics`, by commas. */
export const watchEventsSchema = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(countSchema)
    .or(countSchema)
    .optional(),
  topics: z
    .string()
    .max(330)
    .transform((text) => text.split(','))
    .pipe(z.array(topicSchema).min(1).max(10))
    .or(z.array(topicSchema).min(1).max(10))
    .optional(),
});
