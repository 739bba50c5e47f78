import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import * as client from 'openid-client';
import { ask } from '../../support/small-gateway.ts';
import { createCodeFlow } from './code-flow.ts';
import { ADA, call, createOauthWorld, type OauthWorld, REDIRECT, register } from './oauth-world.ts';

/** On loopback. */
const INSECURE = { execute: [client.allowInsecureRequests] };

describe('OAuth: openid-client, a certified client', () => {
  let world: OauthWorld;
  let ada: SessionTokens;
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
  });
  afterEach(() => world.close());
  const email = async (token: string) => {
    const answer = await ask(world.other.url, '/v1/whoami', { token });
    return (answer.json() as { email?: string }).email;
  };
  const discover = (id: string, auth: client.ClientAuth, secret?: string) =>
    client.discovery(new URL(world.one.url), id, secret, auth, { ...INSECURE, algorithm: 'oauth2' });

  it('default: device flow, refresh, introspection, revocation', async () => {
    const config = await discover('rios', client.None());
    const device = await client.initiateDeviceAuthorization(config, { scope: 'status' });
    await call(world.one, 'POST', '/v1/oauth/device/approve', ada.accessToken, {
      userCode: device.user_code,
    });
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.01 });
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');

    expect(await email(tokens.access_token)).to.equal(ADA);
    expect(await client.tokenIntrospection(config, renewed.access_token)).to.include({ active: true });
    await client.tokenRevocation(config, renewed.access_token);
    expect(await client.tokenIntrospection(config, renewed.access_token)).to.include({ active: false });
  });

  it('behaviour: client credentials', async () => {
    const { view, secret } = await register(world.one, ada);
    const config = await discover(view.id, client.ClientSecretBasic(secret ?? ''), secret ?? '');

    expect(await email((await client.clientCredentialsGrant(config)).access_token)).to.equal(ADA);
  });

  it('behaviour: authorisation code with PKCE; the answer names its issuer', async () => {
    const { view } = await register(world.one, ada, { redirectUris: [REDIRECT] });
    const config = await discover(view.id, client.None());
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: 'status',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const flow = createCodeFlow(world, view.id);
    const { path, asked } = await flow.logIn(world.one, Object.fromEntries(url.searchParams));
    const back = await flow.back(world.one, await flow.decide(world.one, path, asked));
    const tokens = await client.authorizationCodeGrant(config, back, {
      pkceCodeVerifier,
      expectedState: state,
    });

    expect(await email(tokens.access_token)).to.equal(ADA);
  });
});
