import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { type ContainerRig, openContainerRig } from '../support/container-rig.ts';
import { runProgram } from '../support/run-script.ts';
import { until } from '../support/until.ts';
import { type ContainerServers, describeWithContainers } from '../support/with-containers.ts';

const MIB = 1024 ** 2;
const ATTACKER = 'rep_attacker00';
const OPEN = 'rep_openworld0';
const NARROW = 'rep_narrow0000';
const VICTIM = 'rep_victim0000';
const SMALL = { cpuMillicores: 500, memoryBytes: 64 * MIB, diskBytes: 4 * MIB, pids: 40, gpus: 0 };

describeWithContainers('what a hostile container can do', (servers) => {
  for (const sandbox of ['standard', 'gvisor'] as const) describe(sandbox, () => suite(servers, sandbox));
});

function suite(servers: ContainerServers, sandbox: 'standard' | 'gvisor'): void {
  let rig: ContainerRig;
  let api: Server;
  before(async () => {
    // stands for the worker's own API, and whatever else listens on this machine
    api = createServer((_, response) => response.end('inside')).listen(0, '0.0.0.0');
    rig = await openContainerRig(servers);
    await rig.run([
      { id: ATTACKER, sandbox, resources: SMALL },
      { id: OPEN, sandbox, tenant: 'c'.repeat(32), egress: [{ cidr: '0.0.0.0/0', ports: [] }] },
      { id: NARROW, sandbox, tenant: 'd'.repeat(32), egress: [{ cidr: '10.0.0.0/8', ports: [7001] }] },
      { id: VICTIM, sandbox, tenant: 'b'.repeat(32) },
    ]);
  });
  after(async () => {
    await rig.stop();
    api.close();
  });

  /** Runs Node in the container; what it prints. */
  const node = async (id: string, script: string) => {
    let output = '';
    const request = {
      replicaId: id,
      command: ['node', '-e', script],
      stdin: new Uint8Array(),
      timeoutMs: 40_000,
    };
    await rig.containers.exec(
      request,
      async ({ bytes }) => {
        output += Buffer.from(bytes).toString();
      },
      AbortSignal.timeout(40_000),
    );
    return output.trim();
  };
  /** What a connection from inside meets: `open`, or an error's code, or `timeout`. */
  const knock = (id: string, targets: readonly (readonly [string, number])[]) =>
    node(
      id,
      `const { connect } = require('node:net');
      Promise.all(${JSON.stringify(targets)}.map(([host, port]) => new Promise((resolve) => {
        const socket = connect({ host, port, timeout: 1500 });
        socket.on('connect', () => resolve('open')).on('error', (e) => resolve(e.code)).on('timeout', () => resolve('timeout'));
      }))).then((all) => { console.log(all.join(' ')); process.exit() });`,
    );
  const addressOf = async (id: string) =>
    node(
      id,
      `console.log(Object.values(require('node:os').networkInterfaces()).flat().find((a) => !a.internal && a.family === 'IPv4').address)`,
    );
  const podman = async (...args: string[]) => {
    const { code, stderr } = await runProgram('podman', args);
    if (code !== 0) throw new Error(`podman ${args[0]}: ${stderr}`);
  };
  const stillServes = async (id: string) => {
    const at = rig.containers.portOf(id, 8080);
    const answer = await fetch(`http://${at?.host}:${at?.port}/`, { headers: { connection: 'close' } });
    return answer.status;
  };

  it('behaviour: no mount, no write to the root, /proc or /sys, no device', async () => {
    const { output } = await rig.shell(
      ATTACKER,
      `try() { if "$@" 2>/dev/null; then echo "ESCAPED: $*"; else echo refused; fi; }
      try busybox mount -t tmpfs none /mnt
      try busybox mount -o remount,rw /
      try busybox mount -t proc none /tmp
      try busybox touch /etc/x
      try busybox sh -c 'echo 1 > /proc/sys/kernel/panic'
      try busybox sh -c 'echo c > /proc/sysrq-trigger'
      try busybox sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
      try busybox sh -c 'echo x > /sys/kernel/uevent_helper'
      try busybox sh -c 'busybox mknod /tmp/disk b 8 0; busybox dd if=/tmp/disk of=/dev/null count=1'
      try busybox chroot / busybox true
      try busybox unshare -m busybox true`,
    );

    expect(output, output).to.not.include('ESCAPED');
    expect(output.match(/refused/g)).to.have.lengthOf(11);
  });

  it('behaviour: no capability, no new privilege, no process but its own, none to trace', async () => {
    const output = await node(
      ATTACKER,
      `const fs = require('node:fs');
      const pids = fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name));
      const names = pids.map((pid) => { try { return fs.readFileSync('/proc/' + pid + '/comm', 'utf8').trim() } catch { return '' } });
      const caps = /CapEff:\\s*(\\w+)[^]*CapBnd:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'));
      let traced = 'refused';
      try { fs.closeSync(fs.openSync('/proc/1/mem', 'r+')); traced = 'own' } catch {}
      console.log(JSON.stringify({ names: [...new Set(names.filter(Boolean))], caps: caps.slice(1), uid: process.getuid(), status: fs.readFileSync('/proc/self/status', 'utf8') }));`,
    );
    const { names, caps, uid, status } = JSON.parse(output);

    expect(names.filter((name: string) => !/^(node|MainThread|busybox|sh)$/.test(name))).to.deep.equal([]);
    expect(caps.map((cap: string) => Number.parseInt(cap, 16))).to.deep.equal([0, 0]);
    expect(uid).to.be.at.least(200_000);
    if (sandbox === 'standard') {
      expect(status).to.match(/NoNewPrivs:\s*1/);
      expect(status).to.match(/Seccomp:\s*2/);
    }
  });

  it('behaviour: no raw socket', async () => {
    const { code } = await rig.shell(ATTACKER, 'busybox arping -c 1 -I eth0 10.0.0.1 2>/dev/null');

    expect(code).to.not.equal(0);
    const { output } = await rig.shell(ATTACKER, 'busybox traceroute -I -m 1 -w 1 127.0.0.1 2>&1 || true');
    expect(output).to.match(/permitted|denied|not (found|supported)/i);
  });

  it('behaviour: metadata addresses, other tenants and this machine are out of reach, whatever is allowed', async () => {
    const [victim, own] = [await addressOf(VICTIM), await addressOf(OPEN)];
    const gateway = own.replace(/\.\d+$/, '.1');
    const published = rig.containers.portOf(VICTIM, 8080)?.port ?? 0;
    const { port } = api.address() as AddressInfo;
    const machine = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    const targets: (readonly [string, number])[] = [
      ['169.254.169.254', 80],
      [victim, 8080],
      [gateway, port],
      [gateway, published],
      ['127.0.0.1', published],
      [machine ?? gateway, port],
    ];

    for (const id of [ATTACKER, OPEN]) expect(await knock(id, targets), id).to.not.include('open');
    // it does listen: this machine itself gets through
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).to.equal('inside');
    expect(await stillServes(VICTIM)).to.equal(200);
  });

  it('behaviour: what egress rules allow is reached, by who has them and at those ports', async () => {
    const script =
      'for (const port of [7001, 7002]) require("net").createServer((s) => s.end()).listen(port)';
    // neither a network of ours nor one that another engine on this machine may have
    const address = `10.${randomInt(100, 200)}.${randomInt(1, 250)}.7`;
    const network = `outside-${address}`;
    const subnet = address.replace(/7$/, '0/24');
    await podman('network', 'create', '--disable-dns', '--subnet', subnet, network);
    const flags = ['--detach', '--name', network, '--network', network, '--ip', address];
    try {
      await podman('run', ...flags, 'rios/node:latest', 'node', '-e', script);
      const targets = [
        [address, 7001],
        [address, 7002],
      ] as const;
      await until('it listens', async () => (await knock(OPEN, targets)) === 'open open' || undefined);

      expect(await knock(ATTACKER, targets)).to.not.include('open');
      expect(await knock(NARROW, targets)).to.match(/^open (?!open)/);
    } finally {
      await podman('rm', '--force', '--time', '0', network);
      await podman('network', 'rm', network);
    }
  });

  it('behaviour: a full disk is its own', async () => {
    const { code, output } = await rig.shell(
      ATTACKER,
      'busybox dd if=/dev/zero of=/tmp/fill bs=1M count=64 2>&1; busybox du -k /tmp/fill; busybox rm /tmp/fill',
    );

    expect(output, String(code)).to.match(/No space left/);
    expect(Number(/(\d+)\s+\/tmp\/fill/.exec(output)?.[1])).to.be.at.most(4096);
  });

  it('behaviour: a fork bomb stays in its own bound, and its neighbours serve on', async () => {
    const output = await node(
      ATTACKER,
      `const { spawn } = require('node:child_process');
      let started = 0, refused = 0;
      for (let i = 0; i < 400; i++) {
        try { const child = spawn('busybox', ['sleep', '2']); child.on('error', () => refused++); child.on('spawn', () => started++); } catch { refused++ }
      }
      setTimeout(() => { console.log(JSON.stringify({ started, refused })); process.exit() }, 1500);`,
    ).catch((error: unknown) => String(error));

    expect(await stillServes(VICTIM)).to.equal(200);
    const counted = /\{"started":(\d+),"refused":(\d+)\}/.exec(output);
    // where not even the bomb could end in order, it was the bound that ended it
    if (counted !== null) expect(Number(counted[2]), output).to.be.above(100);
  });

  it('behaviour: a memory bomb dies alone, and it is said why', async () => {
    const health = { kind: 'none' } as const;
    const bomb = `const held = []; for (;;) held.push(Buffer.alloc(8 * ${MIB}, 1));`;
    rig.wish([
      { id: ATTACKER, sandbox, resources: SMALL, attempt: 2, run: ['node', '-e', bomb], health },
      { id: VICTIM, sandbox, tenant: 'b'.repeat(32) },
    ]);
    await rig.until(
      'the bomb is over',
      () => rig.seen(ATTACKER)?.attempt === 2 && rig.seen(ATTACKER)?.state === 'exited',
    );

    expect(rig.seen(ATTACKER)?.exitCode).to.not.equal(0);
    expect(rig.seen(ATTACKER)?.error?.message).to.match(/killed|exited/);
    expect(await stillServes(VICTIM)).to.equal(200);
  });

  it('behaviour: a flood of output is kept only in part', async () => {
    const health = { kind: 'none' } as const;
    const flood = `const line = 'x'.repeat(1023) + '\\n'; for (let i = 0; i < 24_000; i++) require('fs').writeSync(1, line)`;
    rig.wish([{ id: ATTACKER, sandbox, resources: SMALL, attempt: 3, run: ['node', '-e', flood], health }]);
    await rig.until(
      'the flood is over',
      () => rig.seen(ATTACKER)?.attempt === 3 && rig.seen(ATTACKER)?.state === 'exited',
    );

    let bytes = 0;
    const request = { replicaId: ATTACKER, tailLines: 100_000, sinceAt: null, follow: false };
    for await (const part of rig.containers.logs(request, AbortSignal.timeout(30_000)))
      bytes += part.bytes.length;
    expect(bytes).to.be.below(18 * MIB);
    expect(rig.seen(ATTACKER)?.tail.length).to.be.within(1, 4096);
  });
}
