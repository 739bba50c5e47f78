import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag, listenFlags } from '../../flags.ts';

export default class WorkerStart extends BaseCommand {
  static override summary = 'Lend this machine to a network; runs until Ctrl-C, then drains.';
  static override examples = ['<%= config.bin %> worker start --join @invite.txt'];
  static override flags = {
    ...dataDirFlag('RIOS_DATA_DIR'),
    ...listenFlags,
    join: Flags.string({
      summary: 'Invite, @file that holds it, or - for stdin; needed the first time.',
      env: 'RIOS_INVITE',
    }),
    name: Flags.string({ summary: "Name that others see; the machine's by default." }),
    memory: Flags.string({ summary: 'Memory to lend, for example 4GiB.' }),
    threads: Flags.integer({ summary: 'Threads to compute with; with --gpu always one.', min: 1 }),
    region: Flags.string({ summary: 'Region label.' }),
    label: Flags.string({
      summary: 'Label key=value; may be given again.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    price: Flags.string({ summary: 'Ask price, wei of ROS per 1,000,000 units.' }),
    'wallet-binding': Flags.string({
      summary: 'File of rios worker register; that of the data directory by default.',
      env: 'RIOS_WALLET_BINDING',
    }),
    gpu: Flags.boolean({ summary: 'Compute on the GPU, or fail with the reason.' }),
    'no-containers': Flags.boolean({ summary: 'Run no containers, even where there is an engine for them.' }),
  };
  protected override readonly ownsSignals = true;

  async run() {
    const { flags } = await this.parse(WorkerStart);
    const { startWorker } = await import('../../actions/worker/start.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const options = {
      ...flags,
      dataDir: workerDir(flags['data-dir']),
      listen: flags.listen ?? [],
      announce: flags.announce ?? [],
      labels: flags.label ?? [],
      walletBinding: flags['wallet-binding'],
      noContainers: flags['no-containers'],
      logLevel: flags['log-level'],
    };
    await startWorker(options, (event) => {
      if (this.jsonEnabled() && event.event !== 'error') this.logJson(event);
      else if (event.event === 'ready') this.print(`worker ${event.name} is ready: ${event.peerId}`);
    });
  }
}
