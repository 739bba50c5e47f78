/** A process that splits, says so once weights are being written, and then stands still until it is killed. */
import { splitModel } from '../../../src/model/split.ts';

const [source = '', out = ''] = process.argv.slice(2);
if (source !== '--exit') {
  await splitModel({
    source,
    out,
    by: 'experts',
    onProgress: () => {
      process.send?.('writing');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  });
}
