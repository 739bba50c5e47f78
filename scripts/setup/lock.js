import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SetupError } from './error.js';

const POLL_MS = 200;
const LIMIT_MS = 20 * 60 * 1000;

/** Runs `work` while no other process does; waits for one that lives, takes over from one that died. */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  await acquire(file, Date.now() + LIMIT_MS);
  // also when the process leaves in the middle of `work`
  const release = () => rmSync(file, { force: true });
  process.on('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

async function acquire(file, giveUpAt) {
  let told = false;
  while (!tryAcquire(file)) {
    const owner = readOwner(file);
    if (owner !== undefined && !isAlive(owner)) {
      removeStale(file, owner);
      continue;
    }
    if (!told) process.stderr.write(`waiting for another setup of this checkout (process ${owner})\n`);
    told = true;
    if (Date.now() > giveUpAt)
      throw new SetupError(`${file} is held by process ${owner}: end it, or remove the file.`, 6);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Creates the lock with our process id in it, all at once: `link` fails when the name is taken. */
function tryAcquire(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function readOwner(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Moves the dead owner's lock away; when a live one slipped in between, puts it back. */
function removeStale(file, deadOwner) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readOwner(aside) !== deadOwner) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
