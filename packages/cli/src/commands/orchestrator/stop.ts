import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';

const DEFAULT_TIMEOUT_MS = 20_000;

export default class OrchestratorStop extends BaseCommand {
  static override summary = 'Stop the orchestrator of this machine: it finishes its streams first.';
  static override flags = {
    ...dataDirFlag('RIOS_ORCHESTRATOR_DATA_DIR'),
    force: Flags.boolean({ summary: 'Kill it when it does not stop in time.' }),
  };

  async run() {
    const { flags } = await this.parse(OrchestratorStop);
    const { stopOrchestrator } = await import('../../actions/orchestrator/stop.ts');
    const { orchestratorDir } = await import('../../actions/data-dirs.ts');
    const timeoutMs = flags.timeout ?? DEFAULT_TIMEOUT_MS;
    const dataDir = orchestratorDir(flags['data-dir']);
    const report = await stopOrchestrator({ dataDir, timeoutMs, force: flags.force, signal: this.signal });
    this.remark(`stopped process ${report.pid}`, flags);
    return report;
  }
}
