/** What a customer sees at this checkout: read once, kept true, and never written after its end. */
import {signal} from '@preact/signals';
import type {Benefits, Redemption, Refusal, Rewards} from '../../shared/src/client';
import {money} from '../../shared/src/money';
import {Desk, thingOf, type Parts} from './desk';
import {stands} from './host';
import {recall, type Applied} from './memory';
import {because, roomOf, type Room} from './room';

export type Sight =
  | {readonly at: 'loading' | 'guest' | 'pending'}
  /** The proxy does not answer: nothing is shown but what is applied, and that only to be removed. */
  | {readonly at: 'away'}
  | ({readonly at: 'shown'} & Shown);

export interface Shown {
  readonly rewards: Rewards;
  /** Null where they could not be read. */
  readonly benefits: Benefits | null;
  readonly room: Room;
}

const TICK_MS = 5_000;
// One change of a cart comes as several: its lines, then what comes off each.
const REST_MS = 300;

export class Session {
  readonly sight = signal<Sight>({at: 'loading'});
  readonly desk: Desk;
  readonly #parts: Parts;
  /** Counts readings, so that only the last one is shown. */
  #reading = 0;
  #asking = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.desk = new Desk(parts, () => void this.load());
  }

  /** Reads, and follows the checkout until what it returns is called. */
  start(): () => void {
    const {buyerIdentity, discountCodes, attributes, lines} = this.#parts.platform;
    let who = buyerIdentity?.customer.value?.id;
    const ends = [
      discountCodes.subscribe(() => void this.desk.look()),
      attributes.subscribe(() => void this.desk.look()),
      lines.subscribe(() => void this.#ask()),
      buyerIdentity?.customer.subscribe((customer) => {
        if (customer?.id === who) return;
        who = customer?.id;
        void this.#change();
      }),
    ];
    const timer = setInterval(() => this.desk.tick(), TICK_MS);
    void this.load();
    return () => {
      clearInterval(timer);
      ends.forEach((end) => end?.());
      this.#reading += 1;
      this.#asking += 1;
      this.desk.forget();
    };
  }

  /** Reads what there is; what is shown stays until all the answers are there. */
  async load(): Promise<void> {
    const reading = (this.#reading += 1);
    const {platform, client} = this.#parts;
    // Without the right to read customers the platform does not say who it is; then the proxy does.
    if (platform.buyerIdentity !== undefined && platform.buyerIdentity.customer.value === undefined) {
      this.sight.value = {at: 'guest'};
      return;
    }
    const answers = [client.rewards(), client.benefits(), roomOf(platform, client), recall(platform.storage)] as const;
    const [rewards, benefits, room, recalled] = await Promise.all(answers);
    if (reading !== this.#reading) return;
    if (!rewards.ok) return this.#unread(rewards.refusal, recalled);
    try {
      this.#read(rewards.value, benefits.ok ? benefits.value : null, room);
    } catch {
      this.#unread(because('unreadable', {}), recalled);
    }
  }

  #read(rewards: Rewards, benefits: Benefits | null, room: Room | null): void {
    const {balance, status, redemptions} = rewards;
    if (status === 'pending_profile' || balance === null) {
      this.sight.value = {at: 'pending'};
      return;
    }
    const available = money(balance.available);
    this.sight.value = {at: 'shown', rewards, benefits, room: room ?? {available, suggested: available, blocked: null}};
    for (const redemption of redemptions) {
      const benefit = benefits?.benefits.find(({id}) => id === redemption.benefit?.id);
      this.#show(redemption, benefit?.name ?? null);
    }
  }

  #unread(refusal: Refusal, recalled: readonly Applied[]): void {
    const guest = refusal.code === 'login_required';
    // An answer that failed to come takes nothing away that is shown.
    if (guest || this.sight.value.at !== 'shown') this.sight.value = {at: guest ? 'guest' : 'away'};
    for (const {redemption, name} of recalled) this.#show(redemption, name);
  }

  /** What is open and stands on this checkout was applied here, before a reload or in the cart. */
  #show(redemption: Redemption, name: string | null): void {
    if (stands(this.#parts.platform, redemption)) this.desk.found(thingOf(redemption, name), redemption);
  }

  /** The cart has changed, and so may what it takes: asked when it has come to rest, and only the last answer counts. */
  async #ask(): Promise<void> {
    const {platform, client, wait} = this.#parts;
    const asking = (this.#asking += 1);
    if (this.sight.value.at !== 'shown') return;
    await wait(REST_MS);
    if (asking !== this.#asking) return;
    const reading = this.#reading;
    const room = await roomOf(platform, client);
    const sight = this.sight.value;
    const last = asking === this.#asking && reading === this.#reading;
    if (last && room !== null && sight.at === 'shown') this.sight.value = {...sight, room};
  }

  async #change(): Promise<void> {
    this.#reading += 1;
    this.sight.value = {at: 'loading'};
    await this.desk.dismiss();
    await this.load();
  }
}
