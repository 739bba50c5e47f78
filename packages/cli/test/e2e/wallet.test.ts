import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliResults } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { renderUnicodeCompact } from 'uqr';
import { jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';
import { runOnTerminal } from '../support/terminal.ts';

type View = CliResults['wallet:create'];

const PASSWORD = 'correct horse battery';
const PHRASE =
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';
const PHRASE_ADDRESS = '0x9858EfFD232B4033E47d90003D41EC34EcaEda94';
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const KEY_ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

describe('rios wallet', function () {
  this.timeout(60_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    place = await temporaryDirectory();
    await writeFile(at('password.txt'), `${PASSWORD}\n`, { mode: 0o600 });
  });
  afterEach(() => place.remove());

  const at = (name: string) => join(place.path, name);
  const bare = () => ({ RIOS_HOME: place.path });
  const env = () => ({ RIOS_HOME: place.path, RIOS_WALLET_PASSWORD_FILE: at('password.txt') });
  const wallet = (args: readonly string[], input = '', variables: Record<string, string> = env()) =>
    runCli(['wallet', ...args, '--json'], { env: variables, input });
  async function ok<T = View>(
    args: readonly string[],
    input = '',
    variables?: Record<string, string>,
  ): Promise<T> {
    const result = await wallet(args, input, variables);
    expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).to.equal(0);
    return jsonOf<T>(result);
  }
  async function refusal(args: readonly string[], input = '', variables?: Record<string, string>) {
    const result = await wallet(args, input, variables);
    expect(result.code, args.join(' ')).not.to.equal(0);
    return { ...jsonOf(result).error, exit: result.code, all: `${result.stdout}${result.stderr}` };
  }
  const importKey = (name = 'main') => ok(['import', '--private-key', '--name', name], KEY);

  it('default', async () => {
    const created = await ok(['create']);
    const { address } = await ok<{ address: string }>(['address']);
    const { wallets } = await ok<{ wallets: View[] }>(['list']);
    const { signature } = await ok<{ signature: string }>(['sign', 'hello']);
    const verified = await ok(['verify', 'hello', '--address', address, '--signature', signature]);

    expect(created).to.include({ name: 'main', kind: 'created', keystore: 'file', current: true });
    expect(address).to.equal(created.address);
    expect(wallets).to.deep.equal([created]);
    expect(verified).to.deep.equal({ address, kind: 'message', signature });
  });

  it('behaviour: on a terminal, address draws the QR code of it as well', async () => {
    const { address } = await importKey();
    const { screen } = await runOnTerminal(['wallet', 'address'], { env: bare(), answers: [] });
    const lines = screen.split(/\r?\n/);
    expect(lines[0]).to.equal(address);
    for (const row of renderUnicodeCompact(address).split('\n')) expect(lines).to.include(row);
  });

  it('behaviour: address prints the address alone; nothing else goes to stdout', async () => {
    const { address } = await importKey();
    const result = await runCli(['wallet', 'address'], { env: bare() });
    expect(result).to.deep.equal({ code: 0, stdout: `${address}\n`, stderr: '' });
  });

  it('behaviour: what was exported comes back as the same wallet, in each form', async () => {
    const created = await ok(['create']);
    for (const [format, flag, ending] of [
      ['mnemonic', '--mnemonic', ''],
      ['private-key', '--private-key', ''],
      ['keystore', '--keystore', 'main.json'],
    ] as const) {
      const out = ending === '' ? [] : ['--out', at(ending)];
      const exported = await ok<CliResults['wallet:export']>([
        'export',
        'main',
        '--confirm',
        'main',
        '--format',
        format,
        ...out,
      ]);
      const variables = { ...env(), RIOS_HOME: at(`other-${format}`) };
      const given = ending === '' ? [flag] : [flag, at(ending)];
      const back = await ok(['import', ...given, '--name', 'back'], exported.secret ?? '', variables);
      expect(back.address, format).to.equal(created.address);
    }
    expect((await stat(at('main.json'))).mode & 0o777).to.equal(0o600);
    expect(await readFile(at('main.json'), 'utf8')).to.include('"version":3');
  });

  it('behaviour: with --password-stdin each secret is a line of stdin', async () => {
    const { RIOS_WALLET_PASSWORD_FILE: _file, ...variables } = env();
    const imported = await ok(
      ['import', '--mnemonic', '--password-stdin'],
      `${PHRASE}\n${PASSWORD}\n`,
      variables,
    );
    const signed = await ok<{ address: string }>(
      ['sign', 'x', '--password-stdin'],
      `${PASSWORD}\n`,
      variables,
    );

    expect([imported.address, signed.address]).to.deep.equal([PHRASE_ADDRESS, PHRASE_ADDRESS]);
  });

  it('behaviour: words on many lines, and another account of them', async () => {
    const first = await ok(['import', '--mnemonic'], PHRASE.replaceAll(' ', '\n'));
    const second = await ok(['import', '--mnemonic', '--index', '1', '--name', 'two'], PHRASE);
    expect([first.address, second.address]).to.deep.equal([
      PHRASE_ADDRESS,
      '0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0',
    ]);
  });

  it('behaviour: the wallet in use, --use, RIOS_WALLET and --wallet decide who signs', async () => {
    await importKey();
    await ok(['import', '--mnemonic', '--name', 'words'], PHRASE);
    const signer = async (args: string[], extra = {}) =>
      (await ok<{ address: string }>(['sign', 'x', ...args], '', { ...env(), ...extra })).address;

    expect(await signer([])).to.equal(KEY_ADDRESS);
    expect(await signer(['--wallet', 'words'])).to.equal(PHRASE_ADDRESS);
    expect(await signer([], { RIOS_WALLET: 'words' })).to.equal(PHRASE_ADDRESS);
    await ok(['use', 'words']);
    expect(await signer([])).to.equal(PHRASE_ADDRESS);
    const third = await ok(['create', '--name', 'third', '--use']);
    expect(third.current).to.equal(true);
    expect(await signer([])).to.equal(third.address);
  });

  it('behaviour: without a keychain the encrypted files are said on stderr, with the reason; --quiet says nothing', async () => {
    const created = await wallet(['create']);
    const quiet = await wallet(['create', '--name', 'two', '--quiet']);

    expect(created.stderr)
      .to.include(`encrypted files in ${at('wallets')}`)
      .and.include('no session bus');
    expect(quiet).to.include({ code: 0, stderr: '' });
  });

  it('behaviour: neither words nor key are shown when a wallet is made', async () => {
    const made = await wallet(['create']);
    const { secret } = await ok<{ secret: string }>(['export', '--confirm', 'main', '--format', 'mnemonic']);
    // some words of the list, like "current", are in any output
    const shown = secret
      .split(' ')
      .filter((word) => new RegExp(`\\b${word}\\b`).test(made.stdout + made.stderr));
    expect(shown).to.have.length.below(4);
    expect(made.stderr).to.include('rios wallet export main --format mnemonic');
  });

  it('behaviour: two processes at once: every name is kept, a name twice once', async () => {
    const outcomes = await Promise.all(
      ['a', 'b', 'same', 'same'].map((name) => wallet(['create', '--name', name])),
    );
    const { wallets } = await ok<{ wallets: View[] }>(['list']);

    expect(outcomes.map(({ code }) => code).sort()).to.deep.equal([0, 0, 0, 6]);
    expect(wallets.map(({ name }) => name).sort()).to.deep.equal(['a', 'b', 'same']);
    expect(wallets.filter(({ current }) => current)).to.have.length(1);
    for (const { name } of wallets) await ok(['sign', 'x', '--wallet', name]);
  });

  it('behaviour: export and remove on a terminal want the name typed', async () => {
    await importKey();
    const wrong = await runOnTerminal(['wallet', 'remove', 'main'], {
      env: env(),
      answers: [['to go on:', 'yes']],
    });
    const right = await runOnTerminal(['wallet', 'export', 'main', '--format', 'private-key'], {
      env: env(),
      answers: [['to go on:', 'main']],
    });

    expect(wrong.code).to.equal(130);
    expect(wrong.screen).to.include('Type main to go on');
    expect((await ok<{ wallets: View[] }>(['list'])).wallets).to.have.length(1);
    expect(right.code, right.screen).to.equal(0);
    expect(right.screen).to.include(KEY);
  });

  it('behaviour: a wallet is made on a terminal with a password that is typed twice and not shown', async () => {
    const made = await runOnTerminal(['wallet', 'create'], {
      env: bare(),
      answers: [
        ['New password:', PASSWORD],
        ['New password again:', PASSWORD],
      ],
    });
    expect(made.code, made.screen).to.equal(0);
    expect(made.screen).to.include('New password again').and.not.include(PASSWORD);
    await ok(['sign', 'x']);
  });

  it('error USER_CONFIRMATION_NEEDED: export and remove, --yes is not enough', async () => {
    await importKey();
    for (const args of [
      ['export', 'main', '--yes'],
      ['remove', 'main', '--yes'],
      ['remove', 'main', '--confirm', 'other'],
    ]) {
      const error = await refusal(args);
      expect(error, args.join(' ')).to.include({ code: 'USER_CONFIRMATION_NEEDED', exit: 2 });
      expect(error.hint).to.include('--confirm main');
      expect(error.all).not.to.include(KEY.slice(2));
    }
    expect(await ok(['remove', 'main', '--confirm', 'main'])).to.include({ name: 'main', current: false });
    expect((await ok<{ wallets: View[] }>(['list'])).wallets).to.deep.equal([]);
  });

  it('error USER_INPUT_NEEDED: no terminal and no password, with the ways to give it; nothing is left', async () => {
    const error = await refusal(['create'], '', bare());
    expect(error).to.include({ code: 'USER_INPUT_NEEDED', exit: 2 });
    expect(error.hint).to.include('--password-stdin').and.include('RIOS_WALLET_PASSWORD_FILE');
    expect((await ok<{ wallets: View[] }>(['list'])).wallets).to.deep.equal([]);

    for (const args of [
      ['create', '--password-stdin'],
      ['import', '--mnemonic'],
      ['import', '--private-key', '--password-stdin'],
    ]) {
      expect(await refusal(args), args.join(' ')).to.include({ code: 'USER_INPUT_NEEDED' });
    }
  });

  it('error USER_PASSWORD_WEAK', async () => {
    expect(await refusal(['create', '--password-stdin'], 'short\n')).to.include({
      code: 'USER_PASSWORD_WEAK',
      exit: 2,
    });
  });

  it('error USER_INVALID_REQUEST: a password in a variable, with the way that works', async () => {
    const error = await refusal(['create'], '', { RIOS_HOME: place.path, RIOS_WALLET_PASSWORD: PASSWORD });
    expect(error).to.include({ code: 'USER_INVALID_REQUEST' });
    expect(error.hint).to.include('RIOS_WALLET_PASSWORD_FILE');
    expect(error.all).not.to.include(PASSWORD);
  });

  it('error WALLET_PASSWORD: a wrong one', async () => {
    await importKey();
    const error = await refusal(['sign', 'x', '--password-stdin'], 'wrong horse battery\n');
    expect(error).to.include({ code: 'WALLET_PASSWORD', exit: 3 });
    expect(error.all).not.to.include('wrong horse');
  });

  it('error WALLET_MNEMONIC: which word, and what was meant', async () => {
    const error = await refusal(['import', '--mnemonic'], PHRASE.replace('about', 'abuot'));
    expect(error).to.include({ code: 'WALLET_MNEMONIC', exit: 2 });
    expect(error.message).to.include('word 12').and.include('about');
    expect(await refusal(['import', '--mnemonic'], PHRASE.replace('about', 'abandon'))).to.include({
      code: 'WALLET_MNEMONIC',
    });
  });

  it('error USER_INVALID_REQUEST: a private key that is none', async () => {
    for (const text of [KEY.slice(0, -1), `${KEY}00`, 'f'.repeat(64), 'main']) {
      const error = await refusal(['import', '--private-key'], text);
      expect(error, text.length.toString()).to.include({ code: 'USER_INVALID_REQUEST', exit: 2 });
      if (text.length > 8) expect(error.all).not.to.include(text.slice(2, 12));
    }
  });

  it('error WALLET_KEYSTORE: loose permissions, of a file to import and of our own', async () => {
    const { address } = await importKey();
    const own = at(`wallets/${address.toLowerCase()}.json`);
    await chmod(own, 0o644);

    for (const args of [
      ['sign', 'x'],
      ['import', '--keystore', own, '--name', 'copy'],
    ]) {
      const error = await refusal(args);
      expect(error, args.join(' ')).to.include({ code: 'WALLET_KEYSTORE', exit: 10 });
      expect(error.hint).to.include(`chmod 600 ${own}`);
    }
  });

  it('error WALLET_EXISTS: the name is taken', async () => {
    await importKey();
    const error = await refusal(['create']);
    expect(error).to.include({ code: 'WALLET_EXISTS', exit: 6 });
    expect(error.hint).to.include('--name');
  });

  it('error WALLET_NOT_FOUND', async () => {
    for (const args of [
      ['address'],
      ['sign', 'x'],
      ['use', 'x'],
      ['export', 'x', '--confirm', 'x'],
      ['remove', 'x', '--confirm', 'x'],
    ]) {
      expect(await refusal(args), args.join(' ')).to.include({ code: 'WALLET_NOT_FOUND', exit: 5 });
    }
  });

  it('error CONFLICT_EXISTS: --out does not write over a file', async () => {
    await importKey();
    await writeFile(at('there'), 'mine');
    expect(await refusal(['export', '--confirm', 'main', '--out', at('there')])).to.include({
      code: 'CONFLICT_EXISTS',
    });
    expect(await readFile(at('there'), 'utf8')).to.equal('mine');
  });

  it('error INTEGRITY_SIGNATURE: another text, another address', async () => {
    await importKey();
    const { signature } = await ok<{ signature: string }>(['sign', 'hello']);
    for (const [text, address] of [
      ['hello!', KEY_ADDRESS],
      ['hello', PHRASE_ADDRESS],
    ] as const) {
      const error = await refusal(['verify', text, '--address', address, '--signature', signature]);
      expect(error).to.include({ code: 'INTEGRITY_SIGNATURE', exit: 10 });
    }
  });

  it('error USER_CONFIRMATION_NEEDED: typed data is signed only after a yes', async () => {
    await importKey();
    const typed = {
      types: { Permit: [{ name: 'value', type: 'uint256' }] },
      primaryType: 'Permit',
      domain: { name: 'ROS', chainId: 31337 },
      message: { value: '1' },
    };
    await writeFile(at('permit.json'), JSON.stringify(typed));
    expect(await refusal(['sign', '--typed-data', at('permit.json')])).to.include({
      code: 'USER_CONFIRMATION_NEEDED',
    });
    const { signature, address } = await ok<{ signature: string; address: string }>([
      'sign',
      '--typed-data',
      at('permit.json'),
      '--yes',
    ]);
    await ok(['verify', '--typed-data', at('permit.json'), '--address', address, '--signature', signature]);
  });

  describe('a secret on the command line', () => {
    for (const [what, args, secret] of [
      ['a mnemonic in quotes', ['import', '--mnemonic', PHRASE], PHRASE],
      ['a mnemonic, word by word', ['import', '--mnemonic', ...PHRASE.split(' ')], 'abandon about'],
      ['a mnemonic by =', ['import', `--mnemonic=${PHRASE}`], PHRASE],
      ['a mnemonic behind --', ['import', '--mnemonic', '--', PHRASE], PHRASE],
      ['a mnemonic alone', ['import', PHRASE], PHRASE],
      ['a private key', ['import', '--private-key', KEY], KEY],
      ['a private key by =', ['import', `--private-key=${KEY}`], KEY],
      ['a private key alone', ['import', KEY.slice(2)], KEY.slice(2)],
      ['a private key that lacks a digit', ['import', KEY.slice(0, -1)], KEY.slice(0, -1)],
      ['a private key after a slip of the tongue', ['imoprt', KEY], KEY],
      ['a private key as a name', ['import', '--private-key', '--name', KEY], KEY],
      ['a password', ['create', '--password', PASSWORD], PASSWORD],
      ['a password by =', ['sign', 'x', `--password=${PASSWORD}`], PASSWORD],
      ['a passphrase', ['export', 'main', '--passphrase', PASSWORD], PASSWORD],
    ] as const) {
      it(`error USER_INVALID_REQUEST: ${what}, not repeated, with the way that works`, async () => {
        const { code, stdout, stderr } = await runCli(['wallet', ...args], { env: env() });

        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr).to.include('USER_INVALID_REQUEST').and.include('stdin');
        expect(stderr).not.to.include(secret);
      });
    }

    it('behaviour: hashes, addresses and long messages are no secrets', async () => {
      await importKey();
      for (const text of [KEY, PHRASE]) {
        const { signature, address } = await ok<{ signature: string; address: string }>(['sign', text]);
        await ok(['verify', text, '--address', address, '--signature', signature]);
      }
    });
  });
});
