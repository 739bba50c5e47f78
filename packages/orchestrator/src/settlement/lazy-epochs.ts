import type { EpochsOptions } from './epoch-settler.ts';
import type { EpochsModules } from './epochs.ts';
import type { Epochs } from './epochs-port.ts';

/** Epochs whose code, and what it needs of the chain, is loaded when it is first asked for. */
export function createLazyEpochs(options: EpochsOptions, modules: EpochsModules): Epochs {
  let loaded: Promise<Epochs> | undefined;
  const load = (): Promise<Epochs> => {
    loaded ??= import('./epochs.ts').then(({ createEpochs }) => createEpochs(options, modules));
    return loaded;
  };
  return {
    step: async (target) => (await load()).step(target),
    closeNow: async (by) => (await load()).closeNow(by),
    list: async (page) => (await load()).list(page),
    show: async (epoch) => (await load()).show(epoch),
    receipts: async (epoch) => (await load()).receipts(epoch),
    proofOf: async (address) => (await load()).proofOf(address),
    statistics: async () => (await load()).statistics(),
    stop: async () => (await loaded)?.stop(),
  };
}
