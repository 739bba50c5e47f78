import * as Flags from '@oclif/core/flags';
import { BaseCommand, durationFlag } from '../../../base-command.ts';

const DAY_MS = 86_400_000;

export default class NetworkInviteCreate extends BaseCommand {
  static override summary = 'Create an invite: a secret that lets one worker join.';
  static override description =
    'The invite is bound to the first peer that uses it. Hand it over as a secret.';
  static override flags = {
    ttl: durationFlag({ summary: 'How long it may be used, 24h by default.' }),
    'max-uses': Flags.integer({ summary: 'How many peers may use it.', default: 1, min: 1, max: 10_000 }),
  };

  async run() {
    const { flags } = await this.parse(NetworkInviteCreate);
    const client = await this.client(flags);
    const body = { ttlMs: flags.ttl ?? DAY_MS, maxUses: flags['max-uses'] };
    const answer = await client.createInvite({ body, signal: this.signal });
    this.print(answer.invite);
    this.remark('On the other machine: rios worker start --join <invite>', flags);
    return answer;
  }
}
