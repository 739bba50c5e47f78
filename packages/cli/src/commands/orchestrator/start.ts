import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import * as shared from '../../flags.ts';

export default class OrchestratorStart extends BaseCommand {
  static override summary = 'Run an orchestrator until Ctrl-C; writes the context `local`.';
  static override flags = {
    ...shared.dataDirFlag('RIOS_ORCHESTRATOR_DATA_DIR'),
    ...shared.listenFlags,
    ...shared.fileFlags,
    ...shared.settlementFlags,
    ...shared.masterKeyFlag,
    ...shared.proxyFlags,
    ...shared.rateFlags,
    ...shared.appsFlags,
    'api-host': Flags.string({ summary: 'Address that the API listens on; loopback by default.' }),
    'api-port': Flags.integer({
      summary: 'Port of the API, 7070 by default; 0 for any.',
      min: 0,
      max: 65_535,
    }),
    'tls-cert': Flags.string({ summary: 'Serve the API over TLS 1.3 with this certificate chain (PEM).' }),
    'tls-key': Flags.string({ summary: 'Private key of --tls-cert (PEM).' }),
    'tls-dev': Flags.boolean({ summary: 'Make a certificate for localhost; tls/ca.pem is its authority.' }),
  };
  protected override readonly ownsSignals = true;

  async run() {
    const { flags } = await this.parse(OrchestratorStart);
    const { startOrchestrator } = await import('../../actions/orchestrator/start.ts');
    const { orchestratorDir } = await import('../../actions/data-dirs.ts');
    const { resolveHome } = await import('@rios/sdk/config/home');
    const options = {
      dataDir: orchestratorDir(flags['data-dir']),
      apiHost: flags['api-host'],
      apiPort: flags['api-port'],
      listen: flags.listen ?? [],
      announce: flags.announce ?? [],
      logLevel: flags['log-level'],
      masterKey: flags['master-key'],
      outsideLogins: flags['outside-logins'],
      tlsCert: flags['tls-cert'],
      tlsKey: flags['tls-key'],
      tlsDev: flags['tls-dev'],
      trustedProxies: flags['trusted-proxy'] ?? [],
      publicUrl: flags['public-url'],
      rateBurst: flags['rate-burst'],
      ratePerSecond: flags['rate-per-second'],
      chainFile: flags['chain-file'],
      settlement: flags,
      apps: flags,
    };
    await startOrchestrator(options, resolveHome(), (event) => {
      if (this.jsonEnabled() && event.event !== 'error') this.logJson(event);
      if (this.jsonEnabled() || event.event !== 'ready') return;
      this.print(`orchestrator of ${event.networkId} is ready: ${event.apiUrl}`);
      this.remark('Invite a worker: rios network invite create', flags);
    });
  }
}
