import type { AddressInfo } from 'node:net';
import { createInviteSchema } from '@rios/sdk/schema/api';
import express from 'express';
import { ANSWER, createJwt, report } from './shared.ts';

const { token, verify } = await createJwt();
const app = express();
app.post('/v1/invites', express.json(), async (request, response) => {
  const subject = await verify((request.headers.authorization ?? '').slice('Bearer '.length));
  const body = createInviteSchema.safeParse(request.body);
  if (subject === undefined || !body.success) response.status(400).end();
  else response.json(ANSWER);
});
const server = app.listen(0, '127.0.0.1', () => {
  report(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, token);
});
