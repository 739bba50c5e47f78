/** Where each server is told to be; scripts/test.mjs passes it on as RIOS_TEST_…, see there. */
const SERVERS = {
  PostgreSQL: 'DATABASE_URL',
  Redis: 'REDIS_URL',
  RabbitMQ: 'AMQP_URL',
} as const;

/**
 * Describes what needs a real server: `suite` gets its URL from the environment. Without one, a single test says
 * why it is skipped; under CI=true scripts/test.mjs makes that a failure.
 */
export function describeWithServer(server: keyof typeof SERVERS, suite: (url: string) => void): void {
  const name = SERVERS[server];
  const url = process.env[`RIOS_TEST_${name}`] ?? process.env[name];
  if (url !== undefined && url !== '') {
    describe(`with ${server}`, () => suite(url));
    return;
  }
  describe(`with ${server}`, () => {
    it(`needs ${name}, which is not set (node scripts/servers.mjs npm test starts a server)`, function () {
      this.skip();
    });
  });
}
