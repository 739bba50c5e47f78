import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { joinSockets } from '@rios/sdk/p2p/join-sockets';
import { askReplica } from './ask-replica.ts';
import { type ForwardModules, isFailure, type Passage } from './forward.ts';
import { responseHeaders } from './header-rules.ts';
import { type Failure, tryReplicas } from './try-replicas.ts';

/** What an application said to an upgrade: yes, with the connection from now on, or an ordinary answer. */
interface Upgraded {
  readonly answer: IncomingMessage;
  readonly socket?: Duplex;
  readonly head?: Buffer;
}

/**
 * Sends a WebSocket upgrade to a replica and joins both connections when it agrees. Resolves when they are closed.
 * Throws PEER_*, CAPACITY_NO_REPLICA before an answer.
 */
export async function upgrade(modules: ForwardModules, passage: Passage, socket: Duplex): Promise<void> {
  const { request, route, signal, onAnswer } = passage;
  const headers = [...passage.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
  const { fresh: agent, clock, limits } = modules;
  await tryReplicas<Upgraded>(modules, {
    ...{ route, repeatable: true, signal },
    onAnswer: ({ answer }, ms) => onAnswer(ms, isFailure(answer)),
    ask: ({ target }) => {
      const { promise, resolve } = Promise.withResolvers<{ answer: Upgraded } | Failure>();
      const question = { target, appPort: route.port, agent, request, headers, signal };
      const limitsHere = { ...limits, clock };
      askReplica(limitsHere, {
        ...question,
        onOpen: (outgoing) =>
          outgoing.once('upgrade', (answer, app, head) => resolve({ answer: { answer, socket: app, head } })),
      }).then((outcome) => resolve('answer' in outcome ? { answer: outcome } : outcome));
      return promise;
    },
    use: (upgraded) => join(upgraded, socket, request.headers.host ?? ''),
  });
}

async function join(upgraded: Upgraded, visitor: Duplex, host: string): Promise<void> {
  const { answer, socket: app, head } = upgraded;
  const closed = new Promise<void>((resolve) => visitor.once('close', () => resolve()));
  visitor.write(answerHead(answer, host, app !== undefined));
  if (app === undefined) answer.pipe(visitor);
  else {
    if (head !== undefined && head.length > 0) app.unshift(head);
    joinSockets(app, visitor);
  }
  await closed;
}

function answerHead(answer: IncomingMessage, host: string, joined: boolean): string {
  const { statusCode = 502, statusMessage = STATUS_CODES[statusCode] } = answer;
  const headers = responseHeaders(answer.rawHeaders, host);
  const own = joined ? ['Connection', 'Upgrade', 'Upgrade', 'websocket'] : ['Connection', 'close'];
  const lines = [...headers, ...own].flatMap((text, index, all) =>
    index % 2 === 0 ? [`${text}: ${all[index + 1]}\r\n`] : [],
  );
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join('')}\r\n`;
}
