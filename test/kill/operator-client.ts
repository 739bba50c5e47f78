import type { Shape } from '@rios/sdk/schema/route';
import { MODEL } from './asking-client.ts';
import { type LoadContext, newKey, repeatUntilOver, robinOf } from './load.ts';

/** A wish for another placement comes once in so many turns, and each waits for its turn. */
const PLACE_EVERY = 20;
const TURN_MS = 150;
const SHAPES: readonly Shape[] = ['chain', 'island', 'replica'];

/** Makes invites, revokes every other one, and asks for another placement now and then. */
export function runOperator(context: LoadContext): Promise<void> {
  const robin = robinOf(context, context.token);
  const { done } = context;
  return repeatUntilOver(context, 'operator', async (turn) => {
    const made = newKey();
    const { view } = await robin.call((client) =>
      client.createInvite({ body: { ttlMs: 600_000, maxUses: 1 }, idempotencyKey: made }),
    );
    const invite = { id: view.id, revoked: false };
    done.invites.push(invite);
    if (turn % 2 === 0) {
      const ended = newKey();
      await robin.call((client) => client.revokeInvite({ params: { id: view.id }, idempotencyKey: ended }));
      invite.revoked = true;
    }
    if (turn % PLACE_EVERY === PLACE_EVERY - 1) {
      const shape = SHAPES[Math.floor(turn / PLACE_EVERY) % SHAPES.length] ?? 'chain';
      const placed = newKey();
      await robin.call((client) =>
        client.placeModel({ params: { name: MODEL }, body: { shape }, idempotencyKey: placed }),
      );
      done.placements++;
    }
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  });
}
