import assert from 'node:assert/strict';
import { appOfHost, urlOfApp } from '../../src/ingress/app-host.ts';

describe('the host of an application', () => {
  it('default: the label before the domain is its name', () => {
    assert.equal(appOfHost('hello.apps.example.org', 'apps.example.org'), 'hello');
    assert.equal(appOfHost('Hello.LOCALHOST:8080', 'localhost'), 'hello');
  });

  it('behaviour: whatever is no name of an application below the domain is none', () => {
    for (const host of [undefined, '', 'apps.example.org', 'hello.example.org', 'a.b.apps.example.org'])
      assert.equal(appOfHost(host, 'apps.example.org'), undefined, host);
    for (const name of ['..', '1up', 'a_b', 'a-', `a${'b'.repeat(40)}`, 'héllo'])
      assert.equal(appOfHost(`${name}.localhost`, 'localhost'), undefined, name);
    assert.equal(appOfHost('helloxlocalhost', 'localhost'), undefined);
  });

  it('behaviour: its address is where ingress listens, or https where a proxy is in front', () => {
    const url = (domain: string, origin: string) => urlOfApp('hello', domain, new URL(origin));

    assert.equal(url('localhost', 'http://127.0.0.1:8080'), 'http://hello.localhost:8080');
    assert.equal(url('apps.example.org', 'http://127.0.0.1:8080'), 'https://hello.apps.example.org');
    assert.equal(url('apps.example.org', 'https://0.0.0.0:8443'), 'https://hello.apps.example.org:8443');
    assert.equal(url('apps.example.org', 'https://0.0.0.0'), 'https://hello.apps.example.org');
  });
});
