import { join } from 'node:path';
import { WALLET_BINDING_FILE } from '@rios/sdk/config/binding-file';
import { RECEIPT_LOG_DIRECTORY } from '@rios/sdk/settlement/receipt-log';

/** Where a worker keeps its things: names are fixed, since `rios worker status|stop|logs` read them too. */
export interface DataDir {
  readonly root: string;
  readonly identityFile: string;
  readonly sealingKeyFile: string;
  readonly membershipFile: string;
  readonly workerFile: string;
  /** The wallet that the worker is bound to: see @rios/sdk/config/binding-file. */
  readonly walletBindingFile: string;
  readonly controlSocket: string;
  readonly probeFile: string;
  readonly logFile: string;
  readonly modelsDir: string;
  /** What this worker signed: see @rios/sdk/settlement/receipt-log. */
  readonly receiptsDir: string;
}

/** The layout under `root`. Creates nothing. */
export function dataDirOf(root: string): DataDir {
  return {
    root,
    identityFile: join(root, 'identity.key'),
    sealingKeyFile: join(root, 'sealing.key'),
    membershipFile: join(root, 'membership.json'),
    workerFile: join(root, 'worker.json'),
    walletBindingFile: join(root, WALLET_BINDING_FILE),
    controlSocket: join(root, 'control.sock'),
    probeFile: join(root, 'probe.json'),
    logFile: join(root, 'logs', 'worker.log'),
    modelsDir: join(root, 'models'),
    receiptsDir: join(root, RECEIPT_LOG_DIRECTORY),
  };
}
