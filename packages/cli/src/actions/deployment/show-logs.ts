import type { DeploymentLog } from '@rios/sdk/schema/deployment';
import { cleanText } from '../../print/clean.ts';
import { createLogLines, type LogLine } from './log-lines.ts';
import { type LogsOptions, readLogs } from './read-logs.ts';

const SHORT_ID = 6;

export interface ShowLogsOptions extends Omit<LogsOptions, 'onPiece' | 'onLost'> {
  readonly prefix: boolean;
  /** Takes pieces as they come, in place of lines on stdout. */
  readonly json?: ((piece: DeploymentLog) => void) | undefined;
  readonly remark: (text: string) => void;
}

/** Writes lines to stdout as they are whole, each cleaned of what could steer a terminal. */
export async function showLogs(options: ShowLogsOptions): Promise<void> {
  const lines = createLogLines();
  const write = ({ replica, text }: LogLine) => {
    const prefix = options.prefix ? `${replica.slice(-SHORT_ID)}  ` : '';
    process.stdout.write(`${prefix}${cleanText(text)}\n`);
  };
  await readLogs({
    ...options,
    onPiece: options.json ?? ((piece) => lines.push(piece).forEach(write)),
    onLost: ({ message }) => options.remark(`the connection was lost, trying again: ${cleanText(message)}`),
  });
  lines.rest().forEach(write);
}
