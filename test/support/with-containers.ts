/** Where the engines are; see scripts/containers.mjs. */
export interface ContainerServers {
  /** What a worker needs to find them. */
  readonly env: { readonly RIOS_CONTAINER_HOST: string; readonly RIOS_CONTAINER_HOST_GVISOR: string };
  /** host:port of a registry without TLS. */
  readonly registry: string;
}

/**
 * Describes what needs a container engine with the base image rios/node, and a registry. Without them a single test says
 * why it is skipped; under CI=true scripts/test.mjs makes that a failure.
 */
export function describeWithContainers(title: string, suite: (servers: ContainerServers) => void): void {
  const standard = process.env.RIOS_TEST_CONTAINER_HOST ?? process.env.RIOS_CONTAINER_HOST;
  const gvisor = process.env.RIOS_TEST_CONTAINER_HOST_GVISOR ?? process.env.RIOS_CONTAINER_HOST_GVISOR;
  const registry = process.env.RIOS_REGISTRY;
  describe(title, function () {
    this.timeout(120_000);
    if (!standard || !gvisor || !registry) {
      it('needs a container engine (node scripts/containers.mjs npm run test:e2e starts one)', function () {
        this.skip();
      });
      return;
    }
    suite({ env: { RIOS_CONTAINER_HOST: standard, RIOS_CONTAINER_HOST_GVISOR: gvisor }, registry });
  });
}
