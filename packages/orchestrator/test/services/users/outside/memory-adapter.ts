import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Where the issuer of the tests keeps what it made: without one, oidc-provider warns at each start. */
export function createMemoryAdapters(): (kind: string) => Adapter {
  const rows = new Map<string, AdapterPayload>();
  const find = (matches: (payload: AdapterPayload) => boolean) => [...rows.values()].find(matches);
  return (kind) => ({
    upsert: async (id, payload) => void rows.set(`${kind}:${id}`, payload),
    find: async (id) => rows.get(`${kind}:${id}`),
    findByUserCode: async (code) => find((payload) => payload.userCode === code),
    findByUid: async (uid) => find((payload) => payload.kind === kind && payload.uid === uid),
    consume: async (id) => {
      const payload = rows.get(`${kind}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => void rows.delete(`${kind}:${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, payload] of rows) if (payload.grantId === grantId) rows.delete(key);
    },
  });
}
