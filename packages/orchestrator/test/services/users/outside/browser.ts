/** Follows redirects with cookies, as a browser does, until one leads to `home`; gives that address unopened. */
export async function browseTo(url: string, home: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = new URL(url);
  for (let hops = 0; hops < 12; hops++) {
    if (next.href.startsWith(home)) return next;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null)
      throw new Error(`${next.pathname}: ${response.status} ${(await response.text()).slice(0, 500)}`);
    next = new URL(location, next);
  }
  throw new Error('too many redirects');
}
