/** Where the engines are; see scripts/containers.mjs. */
export interface ContainerServers {
  /** What a worker needs to find them. */
  readonly env: { readonly RIOS_CONTAINER_HOST: string; readonly RIOS_CONTAINER_HOST_GVISOR: string };
  /** host:port of a registry without TLS. */
  readonly registry: string;
}

/** From the environment, as the script sets it; undefined where something is missing. */
export function containerServers(): ContainerServers | undefined {
  const standard = process.env.RIOS_TEST_CONTAINER_HOST ?? process.env.RIOS_CONTAINER_HOST;
  const gvisor = process.env.RIOS_TEST_CONTAINER_HOST_GVISOR ?? process.env.RIOS_CONTAINER_HOST_GVISOR;
  const registry = process.env.RIOS_REGISTRY;
  if (!standard || !gvisor || !registry) return undefined;
  return { env: { RIOS_CONTAINER_HOST: standard, RIOS_CONTAINER_HOST_GVISOR: gvisor }, registry };
}

/**
 * Describes what needs a container engine with the base image rios/node, and a registry. Without them a single test says
 * why it is skipped; under CI=true scripts/test.mjs makes that a failure.
 */
export function describeWithContainers(title: string, suite: (servers: ContainerServers) => void): void {
  const servers = containerServers();
  describe(title, function () {
    this.timeout(120_000);
    if (servers !== undefined) return suite(servers);
    it('needs a container engine (node scripts/containers.mjs npm run test:e2e starts one)', function () {
      this.skip();
    });
  });
}
