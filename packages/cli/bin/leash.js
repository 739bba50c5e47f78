// Imported into the processes that rios starts (node --import): when rios is gone, in whatever way, its end of
// their stdin closes, and they stop as if asked to. The variable is removed so that no grandchild inherits it.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.RIOS_LEASH === String(process.ppid)) {
  delete process.env.RIOS_LEASH;
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
  process.stdin.on('error', () => {});
  process.stdin.resume();
  process.stdin.unref();
}
