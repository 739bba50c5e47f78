// Exits with 0 when the orchestrator in this container answers. Over loopback, so its certificate is not checked.
import { get } from 'node:https';

const port = process.env.RIOS_ORCHESTRATOR_API_PORT ?? '7070';
const call = get({ host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, timeout: 2000 });
call.on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1));
call.on('timeout', () => process.exit(1));
call.on('error', () => process.exit(1));
