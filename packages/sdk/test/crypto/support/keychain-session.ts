import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openKeychain } from '@rios/sdk/crypto/secret-store-keychain';

/** A keychain for the tests: the one of this machine, or one that can be started; else why there is none. */
export type KeychainPlan =
  | { readonly kind: 'present' | 'startable' }
  | { readonly kind: 'none'; readonly reason: string };

/** Takes the keychain away from this process again. */
export type StopKeychain = () => Promise<void>;

/** A bus that starts nothing by itself: only our own, unlocked keyring may answer on it. */
const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`;

const isInstalled = (program: string) => spawnSync('which', [program]).status === 0;

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trim();
  return '';
}

/** Unlocked; what it keeps lies in the home of `env`. */
function startKeyring(env: NodeJS.ProcessEnv): ChildProcess {
  const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keyring.stdin.end('test-password\n');
  keyring.unref();
  return keyring;
}

/** A session bus and a GNOME keyring of our own, unlocked, in a temporary home; both end with this process. */
async function openPrivateSession(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'rios-keyring-'));
  const busConfig = join(home, 'bus.conf');
  await writeFile(busConfig, BUS_CONFIG);
  const bus = spawn('dbus-daemon', [`--config-file=${busConfig}`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await firstLine(bus);
  const env = {
    ...process.env,
    HOME: home,
    XDG_RUNTIME_DIR: home,
    XDG_DATA_HOME: home,
    DBUS_SESSION_BUS_ADDRESS: address,
  };
  let keyring = startKeyring(env);
  // once in a while it ends by an assertion of its own; a desktop starts it again too
  const startAgain = () => {
    keyring = startKeyring(env);
    keyring.once('exit', startAgain);
  };
  keyring.once('exit', startAgain);
  bus.unref();
  process.once('exit', () => {
    for (const child of [keyring, bus]) child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });
  await untilOnBus(env);
  return address;
}

/** A native module that asks before there is an answer takes the kernel's keyring, and stays with it. */
async function untilOnBus(env: NodeJS.ProcessEnv): Promise<void> {
  const question = [
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.secrets',
  ];
  const args = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', ...question];
  for (let tries = 0; tries < 200; tries++) {
    const { stdout } = spawnSync('dbus-send', args, { env, encoding: 'utf8' });
    if (stdout?.includes('boolean true')) return;
    await delay(50);
  }
  throw new Error('the keychain that was started does not come to its bus');
}

/** One for all suites of a process: the native modules keep their first connection, and fail once its bus is gone. */
let privateSession: Promise<string> | undefined;

async function startPrivate(): Promise<StopKeychain> {
  privateSession ??= openPrivateSession();
  const before = process.env.DBUS_SESSION_BUS_ADDRESS;
  const stop = async () => {
    if (before === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
    else process.env.DBUS_SESSION_BUS_ADDRESS = before;
  };
  process.env.DBUS_SESSION_BUS_ADDRESS = await privateSession;
  const opened = await openKeychain();
  if (opened.store !== undefined) return stop;
  await stop();
  throw new Error(`the keychain that was started does not open: ${opened.reason}`);
}

/** Looks, and starts nothing. */
export async function planKeychain(): Promise<KeychainPlan> {
  const opened = await openKeychain();
  if (opened.store !== undefined) return { kind: 'present' };
  if (['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'].every(isInstalled)) return { kind: 'startable' };
  return { kind: 'none', reason: `${opened.reason}; gnome-keyring and dbus are not installed` };
}

/** Makes the planned keychain the one that RiOS finds in this process, until it is stopped. */
export async function startKeychain(plan: KeychainPlan): Promise<StopKeychain> {
  return plan.kind === 'startable' ? startPrivate() : async () => {};
}
