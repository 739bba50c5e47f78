import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { ask } from '../../support/small-gateway.ts';
import { ADA, beginDevice, call, createOauthWorld, errorOf, type OauthWorld, poll, tokensOf } from './oauth-world.ts';

describe('OAuth: device flow', () => {
  let world: OauthWorld;
  let ada: SessionTokens;
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
  });
  afterEach(() => world.close());
  const approve = (userCode: string, token = ada.accessToken, gateway = world.one) =>
    call(gateway, 'POST', '/v1/oauth/device/approve', token, { userCode });
  const whoami = (token: string, gateway = world.one) => ask(gateway.url, '/v1/whoami', { token });

  it('default: begun at one orchestrator, approved at another, ended at the first', async () => {
    const device = await beginDevice(world.one);
    expect(errorOf(await poll(world.one, device.device_code))).to.equal('authorization_pending');
    expect((await approve(device.user_code, ada.accessToken, world.other)).status).to.equal(200);
    world.clock.advance(2000);
    const tokens = tokensOf(await poll(world.one, device.device_code));

    expect(device.verification_uri).to.equal(`${world.one.url}/oauth/device`);
    expect((await whoami(tokens.access_token, world.other)).json()).to.deep.include({
      email: ADA,
      tokenKind: 'session',
      scopes: ['inference', 'models', 'status', 'account'],
    });
    expect(tokens.scope).to.equal('inference models status account');
  });
});
