import { ERRORS, type ErrorCode } from '@rios/sdk/errors/catalog';
import { type ErrorBody, RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { z } from 'zod';

/** OpenAI's two extra fields, which its official clients show. */
export interface OpenaiErrorBody extends ErrorBody {
  readonly type: string;
  readonly param: string | null;
}

/** The error body of an answer; on OpenAI routes with `type` and `param`. */
export function errorAnswer(error: unknown, requestId: string, openai: boolean): ErrorBody | OpenaiErrorBody {
  const body = toErrorBody(publicError(error), requestId);
  return openai ? { ...body, type: openaiType(body.code), param: paramOf(body) } : body;
}

/** What nobody expected is shown without its text, which may name files or hold what a user wrote. */
function publicError(error: unknown): unknown {
  const body = toErrorBody(error);
  return body.code === 'BUG_UNEXPECTED'
    ? new RiosError('BUG_UNEXPECTED', 'something unexpected happened')
    : error;
}

function openaiType(code: ErrorCode): string {
  const { status } = ERRORS[code];
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

const issuesSchema = z.object({ issues: z.array(z.object({ path: z.string() })).min(1) });

function paramOf(body: ErrorBody): string | null {
  if (body.code === 'NOT_FOUND_MODEL') return 'model';
  const found = issuesSchema.safeParse(body.details);
  return found.success ? (found.data.issues[0]?.path ?? null) : null;
}
