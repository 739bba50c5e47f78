import { RiosError } from '../errors/error.ts';

/**
 * Bodies of `experts`. Little-endian, every field 4 bytes, so every float is aligned.
 *
 * Request:  u32 rows, u32 hidden, u32 groups | f32 x[rows, hidden]
 *           | per group: u32 group, u32 entries, entries * {u32 row, u32 expert, f32 weight}
 * Answer:   u32 groups, u32 hidden
 *           | per group: u32 group, u32 rows, u32 row[rows], f32 mass[rows], f32 y[rows, hidden]
 * Groups ascend; in a group entries ascend by (row, expert); answer rows ascend. `y` is the group's weighted
 * partial sum of its rows, `mass` the gate weight it covers.
 */
export interface GroupEntries {
  readonly group: number;
  /** Row in x, expert index in the layer, and gate weight, entry by entry. */
  readonly rows: Uint32Array;
  readonly experts: Uint32Array;
  readonly weights: Float32Array;
}

export interface ExpertsRequest {
  /** [rows, hidden] */
  readonly x: Float32Array;
  readonly rows: number;
  readonly hidden: number;
  readonly groups: readonly GroupEntries[];
}

export interface GroupPartial {
  readonly group: number;
  readonly rows: Uint32Array;
  readonly mass: Float32Array;
  /** [rows.length, hidden] */
  readonly y: Float32Array;
}

/** Most groups in one message; a layer never has more. */
const MAX_GROUPS = 65_536;

export function encodeExpertsRequest(request: ExpertsRequest): Uint8Array {
  const entries = request.groups.reduce((sum, group) => sum + group.rows.length, 0);
  const words = 3 + request.rows * request.hidden + request.groups.length * 2 + entries * 3;
  const writer = createWriter(words);
  writer.u32(request.rows);
  writer.u32(request.hidden);
  writer.u32(request.groups.length);
  writer.floats(request.x);
  for (const { group, rows, experts, weights } of request.groups) {
    writer.u32(group);
    writer.u32(rows.length);
    for (let i = 0; i < rows.length; i++) {
      writer.u32(rows[i] ?? 0);
      writer.u32(experts[i] ?? 0);
      writer.float(weights[i] ?? 0);
    }
  }
  return writer.bytes();
}

/** Reads a request from bytes of unknown origin. Throws PEER_PROTOCOL when anything is out of its bounds. */
export function decodeExpertsRequest(bytes: Uint8Array): ExpertsRequest {
  const reader = createReader(bytes);
  const rows = reader.u32();
  const hidden = reader.u32();
  const count = reader.u32();
  if (rows === 0 || hidden === 0 || count > MAX_GROUPS) throw broken('sizes out of range');
  const x = reader.floats(rows * hidden);
  const groups: GroupEntries[] = [];
  for (let i = 0; i < count; i++) groups.push(readEntries(reader, rows));
  reader.end();
  ascending(groups.map((group) => group.group));
  return { x, rows, hidden, groups };
}

function readEntries(reader: Reader, rowCount: number): GroupEntries {
  const group = reader.u32();
  const entries = reader.u32();
  reader.expect(entries * 3);
  const rows = new Uint32Array(entries);
  const experts = new Uint32Array(entries);
  const weights = new Float32Array(entries);
  for (let i = 0; i < entries; i++) {
    rows[i] = reader.u32();
    experts[i] = reader.u32();
    weights[i] = reader.float();
    if ((rows[i] ?? 0) >= rowCount) throw broken('a row index is out of range');
    if (!Number.isFinite(weights[i])) throw broken('a gate weight is not finite');
  }
  return { group, rows, experts, weights };
}

export function encodePartials(hidden: number, partials: readonly GroupPartial[]): Uint8Array {
  const rows = partials.reduce((sum, partial) => sum + partial.rows.length, 0);
  const writer = createWriter(2 + partials.length * 2 + rows * (2 + hidden));
  writer.u32(partials.length);
  writer.u32(hidden);
  for (const partial of partials) {
    writer.u32(partial.group);
    writer.u32(partial.rows.length);
    for (const row of partial.rows) writer.u32(row);
    writer.floats(partial.mass);
    writer.floats(partial.y);
  }
  return writer.bytes();
}

/** Reads an answer from bytes of unknown origin. Throws PEER_PROTOCOL on any broken bound. */
export function decodePartials(bytes: Uint8Array): { hidden: number; partials: GroupPartial[] } {
  const reader = createReader(bytes);
  const count = reader.u32();
  const hidden = reader.u32();
  if (hidden === 0 || count > MAX_GROUPS) throw broken('sizes out of range');
  const partials: GroupPartial[] = [];
  for (let i = 0; i < count; i++) {
    const group = reader.u32();
    const rowCount = reader.u32();
    reader.expect(rowCount * (2 + hidden));
    const rows = new Uint32Array(rowCount);
    for (let r = 0; r < rowCount; r++) rows[r] = reader.u32();
    partials.push({ group, rows, mass: reader.floats(rowCount), y: reader.floats(rowCount * hidden) });
  }
  reader.end();
  ascending(partials.map((partial) => partial.group));
  return { hidden, partials };
}

function ascending(groups: readonly number[]): void {
  for (let i = 1; i < groups.length; i++) {
    if ((groups[i] ?? 0) <= (groups[i - 1] ?? 0)) throw broken('groups do not ascend');
  }
}

const broken = (what: string) => new RiosError('PEER_PROTOCOL', `malformed experts message: ${what}`);

function createWriter(words: number) {
  const buffer = new ArrayBuffer(words * 4);
  const view = new DataView(buffer);
  let at = 0;
  return {
    u32(value: number) {
      view.setUint32(at, value, true);
      at += 4;
    },
    float(value: number) {
      view.setFloat32(at, value, true);
      at += 4;
    },
    floats(values: Float32Array) {
      new Float32Array(buffer, at, values.length).set(values);
      at += values.length * 4;
    },
    bytes: () => new Uint8Array(buffer, 0, at),
  };
}

type Reader = ReturnType<typeof createReader>;

function createReader(bytes: Uint8Array) {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  let at = 0;
  const expect = (words: number) => {
    if (words * 4 > view.byteLength - at) throw broken('it ends too early');
  };
  return {
    expect,
    u32() {
      expect(1);
      at += 4;
      return view.getUint32(at - 4, true);
    },
    float() {
      expect(1);
      at += 4;
      return view.getFloat32(at - 4, true);
    },
    /** A view on the message where it is aligned: no copy. */
    floats(count: number) {
      expect(count);
      const values = new Float32Array(aligned.buffer, aligned.byteOffset + at, count);
      at += count * 4;
      return values;
    },
    end() {
      if (at !== view.byteLength) throw broken('it has bytes left over');
    },
  };
}
