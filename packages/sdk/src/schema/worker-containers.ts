import { z } from 'zod';
import { containerReceiptSchema } from './container.ts';

/** What a worker reads of engines and saved images, and what it keeps about its containers. */

/** `images.json`: names of the images that this worker brought to the engine, and takes away again. */
export const broughtImagesSchema = z.array(z.string());

/** `usage.json`: the newest count of each ticket. */
export const usageFileSchema = z.array(containerReceiptSchema);

const inside = z
  .string()
  .max(300)
  .regex(/^[\w][\w./-]*$/)
  .refine((path) => !path.split('/').includes('..'));
/** A path inside of a saved image. */
export const savedPathSchema = inside;
/** `manifest.json` of a docker-archive with one image; what else it says is dropped. */
export const savedManifestSchema = z
  .array(z.object({ Config: inside, Layers: z.array(inside).max(1000) }))
  .length(1);
export type SavedManifest = z.infer<typeof savedManifestSchema>;

/** A line of an engine's progress that says what went wrong. */
export const engineFailureSchema = z.object({ error: z.string() });

/** Of Podman's own description of a container. */
export const podmanRuntimeSchema = z.object({ OCIRuntime: z.string() });
