import { z } from 'zod';

/** Small shapes used by many schemas; each bounded, since any of them can come from a stranger. */
export const peerIdSchema = z
  .string()
  .regex(/^12D3Koo[1-9A-HJ-NP-Za-km-z]{45,}$/)
  .max(64);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
export const idSchema = z.string().regex(/^[a-z]{2,8}_[0-9a-z]{10,64}$/);
export const networkIdSchema = z.string().regex(/^net_[0-9a-f]{32}$/);
/** Base64url without padding. */
export const base64urlSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]*$/)
  .max(4096);
export const addressSchema = z
  .string()
  .max(256)
  .regex(/^\/[\x21-\x7e]+$/);
export const nameSchema = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/);
/** Milliseconds since 1970. */
export const timeSchema = z.int().min(0);
export const countSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Wei of ROS as decimal digits: money is never a float. */
export const amountSchema = z.string().regex(/^\d{1,30}$/);
export const labelsSchema = z
  .record(z.string().max(64), z.string().max(128))
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels');
