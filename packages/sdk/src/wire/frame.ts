/**
 * The frame: 64 fixed bytes, then meta, then body. All integers little-endian.
 *
 *   0 u8  version (FRAME_VERSION)   1 u8 kind (FrameKind)      2 u16 method (Method)
 *   4 u32 id (request; dialler odd, listener even)             8 u32 epoch (of the session; 0 outside one)
 *  12 u32 deadlineMs (left when sent; 0 = none)               16 u32 credit (bytes newly granted to the receiver)
 *  20 u32 metaBytes                                           24 u32 bodyBytes
 *  28 u8  traceFlags  29..31 zero                             32 16 bytes trace id   48 8 bytes span id (W3C)
 *  56..63 zero
 *
 * Meta is UTF-8 JSON (control) or a method's own fixed layout (tensors); body is raw bytes.
 */
export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 64;

export const FrameKind = {
  request: 1,
  /** The only or last answer. */
  response: 2,
  error: 3,
  cancel: 4,
  credit: 5,
  /** One of several answers, before `response`. */
  part: 6,
  /** One way: no answer expected. */
  push: 7,
  ping: 8,
  pong: 9,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** W3C trace context, carried in every frame. */
export interface TraceContext {
  /** 16 bytes. */
  readonly traceId: Uint8Array;
  /** 8 bytes. */
  readonly spanId: Uint8Array;
  readonly flags: number;
}

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly method: number;
  readonly id: number;
  readonly epoch: number;
  readonly deadlineMs: number;
  readonly credit: number;
  readonly metaBytes: number;
  readonly bodyBytes: number;
  readonly trace: TraceContext;
}

/** Meta and body are owned by the receiver: nobody else writes to them. */
export interface Frame extends FrameHeader {
  readonly meta: Uint8Array;
  readonly body: Uint8Array;
}
