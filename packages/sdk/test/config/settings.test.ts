import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { updateConfig } from '@rios/sdk/config/config-file';
import { listSettings, resolveKeystore, type SettingFlags } from '@rios/sdk/config/settings';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

describe('config/settings', () => {
  let place: Awaited<ReturnType<typeof temporaryHome>>;
  beforeEach(async () => {
    place = temporaryHome();
    await updateConfig(place.home.configFile, [
      { path: ['contexts', 'lab'], value: { apiUrl: 'http://lab:1' } },
      { path: ['context'], value: 'lab' },
      { path: ['keystore'], value: 'file' },
    ]);
  });

  const list = async (flags: SettingFlags = {}, env: NodeJS.ProcessEnv = {}) => {
    const settings = await listSettings(flags, env, place.home, place.directory);
    return Object.fromEntries(settings.map(({ key, value, origin }) => [key, [value, origin]]));
  };

  it('default', async () => {
    expect(await list()).to.deep.equal({
      context: ['lab', 'config'],
      apiUrl: ['http://lab:1', 'config'],
      token: ['none', 'default'],
      keystore: ['file', 'config'],
      rpcUrl: [null, 'default'],
      timeoutMs: [null, 'default'],
    });
  });

  it('behaviour: flag before RIOS_* before rios.yaml before config.yaml', async () => {
    await updateConfig(place.home.configFile, [
      { path: ['contexts', 'far'], value: { apiUrl: 'http://far:1' } },
    ]);
    await writeFile(join(place.directory, 'rios.yaml'), 'context: far\nname: chat\nreplicas: 2\n');
    const env = { RIOS_API_URL: 'http://env:1', RIOS_KEYSTORE: 'auto', RIOS_API_TOKEN: 'hidden' };

    expect(await list()).to.deep.include({
      context: ['far', 'project'],
      apiUrl: ['http://far:1', 'config'],
      'app.name': ['chat', 'project'],
      'app.replicas': [2, 'project'],
    });
    expect(await list({}, env)).to.deep.include({
      apiUrl: ['http://env:1', 'env'],
      keystore: ['auto', 'env'],
      token: ['env', 'env'],
    });
    expect(await list({ apiUrl: 'http://flag:1', timeoutMs: 5 }, env)).to.deep.include({
      apiUrl: ['http://flag:1', 'flag'],
      timeoutMs: [5, 'flag'],
    });
    expect(JSON.stringify(await list({}, env))).not.to.include('hidden');
  });

  it('behaviour: the RPC is that of the environment, else of the context, at its own address alone', async () => {
    const rpcUrl = 'http://rpc.lab:8545/';
    await updateConfig(place.home.configFile, [{ path: ['contexts', 'lab', 'rpcUrl'], value: rpcUrl }]);

    expect(await list()).to.deep.include({ rpcUrl: [rpcUrl, 'config'] });
    expect(await list({}, { RIOS_RPC_URL: 'http://env:1' })).to.deep.include({
      rpcUrl: ['http://env:1', 'env'],
    });
    expect(await list({ apiUrl: 'http://other:1' })).to.deep.include({ rpcUrl: [null, 'default'] });
  });

  it('error USER_INVALID_REQUEST: a keystore that is none', async () => {
    const error = await resolveKeystore({ RIOS_KEYSTORE: 'vault' }, place.home).catch((thrown) => thrown);
    expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
  });
});
