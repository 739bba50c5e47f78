import { runProgram } from './run-script.ts';

const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Pushes the base image to a registry without TLS, under another name; returns `host/name@sha256:…`. */
export async function pushBaseImage(registry: string, name: string): Promise<string> {
  const { code, stderr } = await runProgram('podman', ['push', 'rios/node:latest', `${registry}/${name}:1`]);
  if (code !== 0) throw new Error(`podman push: ${stderr}`);
  const answer = await fetch(`http://${registry}/v2/${name}/manifests/1`, {
    method: 'HEAD',
    headers: { accept: MANIFESTS },
  });
  const digest = answer.headers.get('docker-content-digest');
  if (digest === null) throw new Error(`${registry} has no ${name}: ${answer.status}`);
  return `${registry}/${name}@${digest}`;
}
