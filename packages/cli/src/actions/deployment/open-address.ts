import { spawn } from 'node:child_process';
import { RiosError } from '@rios/sdk/errors/error';

const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', linux: 'xdg-open' };

/** The address as a browser may get it. Throws API_REMOTE for what is no http address: an opener runs others. */
export function checkAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.href.replace(/\/$/, '');
  throw new RiosError('API_REMOTE', 'the orchestrator names no address of the application', {
    hint: 'Has it an ingress? See rios orchestrator start --help: --apps-port.',
  });
}

/** Hands an address to the browser of this machine; false where there is none to hand it to. */
export function openAddress(url: string): Promise<boolean> {
  const opener = OPENERS[process.platform];
  const hasDisplay =
    process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  if (opener === undefined || !hasDisplay) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
