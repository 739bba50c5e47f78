import { existsSync } from 'node:fs';

/** Where engines may be reached; the first ones first. */
export interface EngineHosts {
  /** `unix:///…` */
  readonly candidates: readonly string[];
  /** Engines whose default runtime is that class. */
  readonly gvisor: string | undefined;
  readonly kata: string | undefined;
  /** The operator named the first: then no other is tried. */
  readonly isNamed: boolean;
}

const SOCKETS = ['/var/run/docker.sock', '/run/podman/podman.sock'];

/** Where to look, from the environment, then from where engines put their sockets. */
export function engineHosts(
  env: NodeJS.ProcessEnv,
  exists: (path: string) => boolean = existsSync,
): EngineHosts {
  const named = env.RIOS_CONTAINER_HOST;
  return {
    candidates: named === undefined ? SOCKETS.filter(exists).map((path) => `unix://${path}`) : [named],
    gvisor: env.RIOS_CONTAINER_HOST_GVISOR,
    kata: env.RIOS_CONTAINER_HOST_KATA,
    isNamed: named !== undefined,
  };
}
