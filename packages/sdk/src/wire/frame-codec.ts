import { RiosError } from '../errors/error.ts';
import {
  FRAME_HEADER_BYTES,
  FRAME_VERSION,
  type Frame,
  type FrameHeader,
  FrameKind,
  type TraceContext,
} from './frame.ts';

/** No trace: all zero, as W3C says of an invalid context. Shared: never written to. */
export const NO_TRACE: TraceContext = { traceId: new Uint8Array(16), spanId: new Uint8Array(8), flags: 0 };

/** Most bytes that a frame's meta and body may have; of the protocol, and checked before allocating. */
export interface FrameBounds {
  readonly maxMetaBytes: number;
  readonly maxBodyBytes: number;
}

const KINDS: ReadonlySet<number> = new Set(Object.values(FrameKind));
/** Kinds that are a header and nothing else. */
const BARE: ReadonlySet<number> = new Set([
  FrameKind.cancel,
  FrameKind.credit,
  FrameKind.ping,
  FrameKind.pong,
]);

/** One frame as [header and meta, body]: the body is not copied. `metaBytes` and `bodyBytes` are taken from it. */
export function encodeFrame(
  header: Omit<FrameHeader, 'metaBytes' | 'bodyBytes'>,
  meta: Uint8Array,
  body: Uint8Array,
): [Uint8Array, Uint8Array] {
  const head = new Uint8Array(FRAME_HEADER_BYTES + meta.length);
  const view = new DataView(head.buffer);
  view.setUint8(0, FRAME_VERSION);
  view.setUint8(1, header.kind);
  view.setUint16(2, header.method, true);
  view.setUint32(4, header.id, true);
  view.setUint32(8, header.epoch, true);
  view.setUint32(12, header.deadlineMs, true);
  view.setUint32(16, header.credit, true);
  view.setUint32(20, meta.length, true);
  view.setUint32(24, body.length, true);
  view.setUint8(28, header.trace.flags);
  head.set(header.trace.traceId, 32);
  head.set(header.trace.spanId, 48);
  head.set(meta, FRAME_HEADER_BYTES);
  return [head, body];
}

/** Reads 64 header bytes of unknown origin. Throws PEER_PROTOCOL when any field is out of its bounds. */
export function decodeHeader(bytes: Uint8Array, bounds: FrameBounds): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  if (view.getUint8(0) !== FRAME_VERSION) throw broken('unknown frame version');
  const kind = view.getUint8(1);
  if (!isKind(kind)) throw broken('unknown frame kind');
  const reserved = view.getUint8(29) | view.getUint16(30) | view.getUint32(56) | view.getUint32(60);
  if (reserved !== 0) throw broken('reserved bytes are not zero');
  const metaBytes = view.getUint32(20, true);
  const bodyBytes = view.getUint32(24, true);
  const bare = BARE.has(kind);
  if (metaBytes > (bare ? 0 : bounds.maxMetaBytes)) throw broken('its meta is too large');
  if (bodyBytes > (bare || kind === FrameKind.error ? 0 : bounds.maxBodyBytes))
    throw broken('its body is too large');
  return {
    kind,
    method: view.getUint16(2, true),
    id: view.getUint32(4, true),
    epoch: view.getUint32(8, true),
    deadlineMs: view.getUint32(12, true),
    credit: view.getUint32(16, true),
    metaBytes,
    bodyBytes,
    trace: { traceId: bytes.slice(32, 48), spanId: bytes.slice(48, 56), flags: view.getUint8(28) },
  };
}

const isKind = (kind: number): kind is FrameKind => KINDS.has(kind);

/** Turns pieces of a byte stream into frames. */
export interface FrameDecoder {
  /** Takes the next piece; calls `onFrame` for each frame it completes. Throws PEER_PROTOCOL. */
  push(bytes: Uint8Array, onFrame: (frame: Frame) => void): void;
  /** Bytes that the frame in progress still lacks, as far as known; 0 between frames. */
  readonly missing: number;
  /** Grows with each finished header and each finished frame. */
  readonly progress: number;
}

/** A decoder that allocates meta and body (each in its own, aligned buffer) only after the header is checked. */
export function createFrameDecoder(bounds: FrameBounds): FrameDecoder {
  const head = new Uint8Array(FRAME_HEADER_BYTES);
  let header: FrameHeader | undefined;
  let target = head;
  let meta = head;
  let filled = 0;
  let progress = 0;

  /** Called when `target` is full: header -> meta -> body -> frame. */
  const advance = (onFrame: (frame: Frame) => void) => {
    filled = 0;
    if (header === undefined) {
      header = decodeHeader(head, bounds);
      progress++;
      target = meta = new Uint8Array(header.metaBytes);
    } else if (target === meta) {
      target = new Uint8Array(header.bodyBytes);
    } else {
      const frame = { ...header, meta, body: target };
      header = undefined;
      target = meta = head;
      progress++;
      onFrame(frame);
    }
  };

  return {
    get missing() {
      if (header === undefined) return filled === 0 ? 0 : FRAME_HEADER_BYTES - filled;
      return target.length - filled + (target === meta ? header.bodyBytes : 0);
    },
    get progress() {
      return progress;
    },
    push(bytes, onFrame) {
      let at = 0;
      while (at < bytes.length || (header !== undefined && filled === target.length)) {
        const taken = Math.min(bytes.length - at, target.length - filled);
        target.set(bytes.subarray(at, at + taken), filled);
        at += taken;
        filled += taken;
        if (filled === target.length) advance(onFrame);
      }
    },
  };
}

const broken = (what: string) => new RiosError('PEER_PROTOCOL', `malformed frame: ${what}`);
