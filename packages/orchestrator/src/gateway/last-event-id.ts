import { RiosError } from '@rios/sdk/errors/error';

/** Reads the header Last-Event-ID, undefined when it is absent or empty. @throws RiosError USER_INVALID_REQUEST */
export function readLastEventId(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new RiosError('USER_INVALID_REQUEST', 'the Last-Event-ID is not the id of an event');
}
