import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { type CodeFlow, createCodeFlow } from '../../packages/orchestrator/test/services/oauth/code-flow.ts';
import {
  ADA,
  basic,
  beginDevice,
  call,
  createOauthWorld,
  errorOf,
  type OauthWorld,
  poll,
  post,
  REDIRECT,
  register,
  tokensOf,
} from '../../packages/orchestrator/test/services/oauth/oauth-world.ts';

/** What our OAuth 2.0 server relies on when two orchestrators are asked at the same time, on any store. */
export function describeOauth(open: () => Promise<Store>): void {
  let world: OauthWorld;
  let ada: SessionTokens;
  let flow: CodeFlow;
  beforeEach(async () => {
    world = await createOauthWorld(await open());
    ada = await world.join(ADA);
    flow = createCodeFlow(world, (await register(world.one, ada, { redirectUris: [REDIRECT] })).view.id);
  });
  afterEach(() => world.close());
  const gateways = () => [world.one, world.other, world.one, world.other, world.one];
  const approve = (userCode: string, token: string, gateway = world.one) =>
    call(gateway, 'POST', '/v1/oauth/device/approve', token, { userCode });

  it('default: device flow, code flow, client credentials', async () => {
    const device = await beginDevice(world.one, { device_name: "'; DROP TABLE oauth_payloads; --" });
    await approve(device.user_code, ada.accessToken, world.other);
    const { secret, view } = await register(world.one, ada, { name: '\u{1d54f} \' "' });
    const grant = { grant_type: 'client_credentials' };
    const answers = [
      await poll(world.one, device.device_code),
      await flow.trade(await flow.codeFor()),
      await post(world.other, '/oauth/token', grant, basic(view.id, secret ?? '')),
    ];

    for (const answer of answers) {
      expect((await flow.whoami(tokensOf(answer).access_token, world.other)).status).to.equal(200);
    }
  });

  it('behaviour: a device approved by two people at once is logged in to one account', async () => {
    const bob = await world.join('bob@example.org');
    const device = await beginDevice(world.one);
    const answers = await Promise.all([
      approve(device.user_code, ada.accessToken),
      approve(device.user_code, bob.accessToken, world.other),
    ]);

    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 404]);
    expect((await poll(world.one, device.device_code)).status).to.equal(200);
  });

  it('behaviour: a device that asks many times at once gets tokens once', async () => {
    const device = await beginDevice(world.one);
    await approve(device.user_code, ada.accessToken);
    const answers = await Promise.all(gateways().map((gateway) => poll(gateway, device.device_code)));

    expect(answers.filter(({ status }) => status === 200)).to.have.lengthOf(1);
    const errors = answers.filter(({ status }) => status !== 200).map(errorOf);
    for (const error of errors) expect(error).to.be.oneOf(['slow_down', 'invalid_grant']);
  });

  it('behaviour: a code traded many times at once leaves no session', async () => {
    const code = await flow.codeFor();
    const answers = await Promise.all(gateways().map((gateway) => flow.trade(code, {}, gateway)));
    const served = answers.filter(({ status }) => status === 200);

    expect(served.length).to.be.at.most(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(errorOf(answer)).to.equal('invalid_grant');
    }
    for (const answer of served) {
      expect((await flow.whoami(tokensOf(answer).access_token)).status).to.equal(401);
    }
  });

  it('behaviour: a refresh token used many times at once gives tokens once at most, and ends the session', async () => {
    const { refresh_token: token = '', access_token: old } = tokensOf(await flow.trade(await flow.codeFor()));
    const answers = await Promise.all(gateways().map((gateway) => flow.refresh(token, gateway)));
    const served = answers.filter(({ status }) => status === 200);

    expect(served.length).to.be.at.most(1);
    for (const text of [old, ...served.map((answer) => tokensOf(answer).access_token)]) {
      expect((await flow.whoami(text)).status).to.equal(401);
    }
    for (const answer of served) {
      expect(errorOf(await flow.refresh(tokensOf(answer).refresh_token ?? ''))).to.equal('invalid_grant');
    }
  });
}
