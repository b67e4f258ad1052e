/**
 * Shows the extension once where a merchant has placed it twice.
 *
 * Targets share no memory, but a scratch space for the checkout: whoever is on the screen first takes a lease there
 * and renews it; the other shows nothing, and takes over when the lease is not renewed, as when a folded order summary
 * hides the holder. A race shows both until the next look. Nothing but tidiness depends on it: both see the same
 * codes, and the proxy holds an amount once.
 */
import type {Scratch} from './memory';

interface Lease {
  readonly by: string;
  readonly until: number;
}

const LEASE = 'shown';
export const LOOK_MS = 5_000;
const LASTS_MS = 2 * LOOK_MS + 2_000;

/** Says whether `me` is the one to show; called again every `LOOK_MS`, so that a lease is renewed. */
export async function mine(scratch: Scratch, me: string, onScreen: boolean, now: number): Promise<boolean> {
  try {
    const lease = await scratch.read<Lease>(LEASE);
    if (!onScreen) {
      if (lease?.by === me) await scratch.delete(LEASE);
      // What is not on the screen is not seen twice, and is there when it comes to be.
      return true;
    }
    if (lease !== null && lease.by !== me && lease.until > now) return false;
    await scratch.write(LEASE, {by: me, until: now + LASTS_MS});
    return true;
  } catch {
    // Better twice than never.
    return true;
  }
}
