import { describeWithServer } from '../contract-suites/with-server.ts';
import type { SharedServers } from './two-orchestrators.ts';

/** Describes what needs PostgreSQL, Redis and RabbitMQ at once; without one, a test says why it is skipped. */
export function describeWithServers(suite: (servers: SharedServers) => void): void {
  describeWithServer('PostgreSQL', (database) => {
    describeWithServer('Redis', (redis) => {
      describeWithServer('RabbitMQ', (amqp) => suite({ database, redis, amqp }));
    });
  });
}
