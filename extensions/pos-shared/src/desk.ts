/** One customer's redemptions on this till's cart: a flow for the amount and one for each benefit, one at a time. */
import {signal, type ReadonlySignal, type Signal} from '@preact/signals';
import type {Declared, Redemption, StaffClient, Wish} from '../../shared/src/client';
import {keyStore, type Storage} from '../../shared/src/keys';
import {busy, Flow, type Because, type Stage} from '../../shared/src/redeem';
import {carries, scopeOf, scopeProperty} from './cart';
import {TillHost} from './host';
import {quietly} from './quietly';
import {customerOn, declared, newId, type Till} from './till';

/** What is asked for at a till. With another reason or approval it is another wish, with a new key. */
export type TillWish = Wish & {readonly reason?: string; readonly approval?: string};

/** What a flow is about: the amount, or one benefit. */
export type Subject = 'amount' | `benefit:${number}`;

interface Line {
  readonly flow: Flow;
  readonly stage: Signal<Stage>;
}

const TICK_MS = 5_000;

export class Desk {
  private readonly busy = signal(false);
  private readonly lines = new Map<Subject, Line>();
  private readonly scope: string;
  private readonly host: TillHost;
  private said: Pick<TillWish, 'reason' | 'approval'> = {};
  private closed = false;

  constructor(
    private readonly till: Till,
    private readonly client: StaffClient,
    readonly customer: string,
  ) {
    this.scope = scopeOf(till.cart.current.value) ?? newId();
    this.host = new TillHost(till, customer, () => this.scope);
  }

  /** Whether anything is under way; another tap has to wait for it. */
  get working(): ReadonlySignal<boolean> {
    return this.busy;
  }

  stage(subject: Subject): ReadonlySignal<Stage> {
    return this.line(subject).stage;
  }

  /** What a quote needs to know, as the redemption itself would say it. */
  asks(said: Pick<TillWish, 'reason'>) {
    const cart = this.host.cart();
    return cart === null ? null : {cart, redeemer: this.client.redeemer(() => this.declare(said))};
  }

  async redeem(subject: Subject, wish: TillWish): Promise<void> {
    if (this.busy.value || this.closed || !this.serves()) return;
    // Set before anything is awaited: a second tap finds it.
    this.busy.value = true;
    this.said = {reason: wish.reason, approval: wish.approval};
    try {
      if (this.host.closed() === null) await this.nameCart();
      if (!this.closed && this.serves()) await this.line(subject).flow.redeem(wish);
    } finally {
      this.tell();
    }
  }

  async remove(subject: Subject, because: Because = 'removed'): Promise<void> {
    await this.line(subject).flow.remove(because);
  }

  /** Takes up what is open and on this cart; gives what is open elsewhere. */
  async found(open: readonly Redemption[]): Promise<Redemption[]> {
    const here = open.filter((each) => carries(this.till.cart.current.value, each));
    for (const redemption of here) {
      const {flow} = this.line(subjectOf(redemption));
      if (flow.stage.at === 'idle') await flow.found(redemption, await this.host.adopt(redemption));
    }
    return open.filter((each) => !here.includes(each));
  }

  /** Puts on this cart what is open and was not on it: its answer came, and then the modal went. */
  async resume(redemption: Redemption): Promise<void> {
    if (this.busy.value || this.closed || !this.serves() || this.host.closed() !== null) return;
    await this.line(subjectOf(redemption)).flow.resume(redemption);
  }

  /** Frees what is open and not on this cart. */
  async release(redemption: Redemption): Promise<void> {
    if (this.busy.value || this.closed) return;
    const {flow} = this.line(subjectOf(redemption));
    await flow.found(redemption, null);
    await flow.remove();
  }

  /** Whether the cart still is this customer's. */
  serves(): boolean {
    return customerOn(this.till.cart.current.value) === this.customer;
  }

  /** Sees what ends and what is taken off by hand, until the answer is called. */
  attend(): () => void {
    const leave = this.till.cart.current.subscribe(() => void this.lookAtCart());
    const timer = setInterval(() => this.lines.forEach(({flow}) => void flow.tick()), TICK_MS);
    return () => {
      leave();
      clearInterval(timer);
    };
  }

  /** The modal closes, or the cart is somebody else's: what is on the way is let go, and in the second case all. */
  async close(): Promise<void> {
    this.closed = true;
    const gone = !this.serves();
    const lines = [...this.lines.values()];
    const applied = gone ? lines.filter(({stage}) => stage.value.at === 'applied') : [];
    lines.filter((line) => !applied.includes(line)).forEach(({flow}) => flow.forget());
    for (const {flow} of applied) await flow.remove('customer_changed');
  }

  private line(subject: Subject): Line {
    const known = this.lines.get(subject);
    if (known !== undefined) return known;
    const stage = signal<Stage>({at: 'idle'});
    const flow = new Flow({
      redeemer: this.client.redeemer(() => this.declare(this.said)),
      host: this.host,
      keys: keyStore(stored(this.till), `tap ${this.customer} ${this.scope} ${subject}`, () => Date.now()),
      newKey: newId,
      now: () => Date.now(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      changed: (now) => {
        stage.value = now;
        this.tell();
      },
    });
    const line = {flow, stage};
    this.lines.set(subject, line);
    return line;
  }

  private tell(): void {
    this.busy.value = [...this.lines.values()].some(({flow}) => busy(flow.stage));
  }

  private declare(said: Pick<TillWish, 'reason' | 'approval'>): Declared {
    return {...declared(this.till, this.customer), ...said};
  }

  /** On the cart before the first wish, so that the same wish is said of the same cart after a reload too. */
  private async nameCart(): Promise<void> {
    if (scopeOf(this.till.cart.current.value) === this.scope) return;
    await quietly(() => this.till.cart.addCartProperties(scopeProperty(this.scope)), null);
  }

  private async lookAtCart(): Promise<void> {
    if (this.busy.value || this.closed || !this.serves()) return;
    for (const {flow, stage} of this.lines.values()) {
      if (stage.value.at === 'applied' && this.host.lost(stage.value.redemption)) await flow.remove('removed');
    }
  }
}

export function subjectOf({benefit}: Redemption): Subject {
  return benefit === null ? 'amount' : `benefit:${benefit.id}`;
}

function stored({storage}: Pick<Till, 'storage'>): Storage {
  return {
    read: (name) => storage.get(name),
    write: (name, value) => storage.set(name, value),
    delete: (name) => storage.delete(name),
  };
}
