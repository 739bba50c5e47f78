import type { DeploymentLog } from '@rios/sdk/schema/deployment';

/** A line longer than this is broken. */
const MAX_LINE_CHARS = 64 * 1024;

/** One whole line that a container wrote, without its newline. */
export interface LogLine {
  readonly at: number;
  readonly replica: string;
  readonly text: string;
}

export interface LogLines {
  /** The lines that this piece ends. */
  push(piece: DeploymentLog): LogLine[];
  /** What no newline ended. */
  rest(): LogLine[];
}

/** Puts lines together from pieces that come as they were written, of several replicas and both streams. */
export function createLogLines(): LogLines {
  const open = new Map<string, LogLine>();
  const line = ({ at, replica }: DeploymentLog, text: string): LogLine => ({
    at,
    replica,
    text: text.endsWith('\r') ? text.slice(0, -1) : text,
  });
  return {
    push(piece) {
      const key = `${piece.stream} ${piece.replica}`;
      const parts = `${open.get(key)?.text ?? ''}${piece.text}`.split('\n');
      const last = parts.pop() ?? '';
      if (last === '') open.delete(key);
      else if (last.length > MAX_LINE_CHARS) {
        open.delete(key);
        parts.push(last);
      } else open.set(key, { at: piece.at, replica: piece.replica, text: last });
      return parts.map((text) => line(piece, text));
    },
    rest() {
      const left = [...open.values()];
      open.clear();
      return left;
    },
  };
}
