/**
 * The block as a custom element: it fills the parts that Liquid wrote, and invents no markup.
 *
 * There is no form: on a cart page the block is within the theme's own, and a form within a form would be dropped, its
 * button would go to the checkout. What was typed has no name, so that it is not sent along.
 */
import type {Wish} from '../../shared/src/client';
import {wire, type Money} from '../../shared/src/money';
import {thisPage, type Page} from './page';
import {picture, waiting, without, type Picture, type Row, type Status, type Write} from './picture';
import type {Session, Thing} from './session';
import {format, say, typed, type Texts} from './words';

/** Gives the session of the page, the same one to every block. */
export type Sessions = (page: Page, tokenPath: string, redeemUrl: string) => Promise<Session>;

export function rewardsBalance(sessionOf: Sessions): CustomElementConstructor {
  return class RewardsBalance extends HTMLElement {
    #session: Session | null = null;
    #failed = false;
    #write: Write = format('en');
    #texts: Texts = {};
    #most: Money | null = null;
    #mistake = '';
    readonly #render = (): void => this.#paint();

    connectedCallback(): void {
      const texts = this.querySelector('script[data-texts]')?.textContent;
      if (!texts) return;
      this.#texts = JSON.parse(texts) as Texts;
      const {language = '', country = '', token = '', redeem = ''} = this.dataset;
      const page = thisPage(language, country);
      this.#write = format(page.locale);
      for (const type of ['click', 'keydown']) this.addEventListener(type, this);
      this.#paint();
      void sessionOf(page, token, redeem).then(
        (session) => this.#join(session),
        () => this.#fail(),
      );
    }

    /** The theme editor takes a section out and puts it back: nothing stays behind. */
    disconnectedCallback(): void {
      this.#session?.leave(this.#render);
      this.#session = null;
    }

    handleEvent(event: Event): void {
      const target = event.target instanceof Element ? event.target : null;
      const name = target?.closest('[data-part]')?.getAttribute('data-part');
      const benefit = Number(target?.closest('[data-benefit]')?.getAttribute('data-benefit') ?? 0);
      if (event instanceof KeyboardEvent) {
        if (name !== 'amount' || event.key !== 'Enter' || event.isComposing) return;
        // Else it would send the cart's form.
        event.preventDefault();
        this.#apply();
      } else if (name === 'apply' && benefit > 0) this.#redeem({benefit: {id: benefit, uses: 1}});
      else if (name === 'apply') this.#apply();
      else if (name === 'all' && this.#most !== null) this.#redeem({amount: wire(this.#most)});
      else if (name === 'remove') void this.#session?.remove(thing(benefit));
      else if (name === 'offer') this.#again(benefit);
    }

    #join(session: Session): void {
      // It may have been taken out meanwhile.
      if (!this.isConnected || this.#session !== null) return;
      this.#session = session;
      session.join(this.#render);
    }

    #fail(): void {
      this.#failed = true;
      this.#paint();
    }

    #apply(): void {
      if (this.#most === null) return;
      const input = find(this, 'amount');
      const amount = typed(input instanceof HTMLInputElement ? input.value : '', this.#most.currency);
      if (amount !== null) return this.#redeem({amount: wire(amount)});
      this.#mistake = say(this.#texts, 'reward.invalid');
      this.#paint();
    }

    #redeem(wish: Wish): void {
      this.#mistake = '';
      void this.#session?.redeem(wish);
    }

    /** What was offered: the same again, here instead of elsewhere, or what is held already. */
    #again(id: number): void {
      const session = this.#session;
      const stage = session?.known.stages[thing(id)];
      const held = session === null ? null : waiting(session.known);
      if (stage?.at === 'refused') {
        const {may} = session?.told(stage.refusal, this.#write) ?? {};
        this.#redeem({...stage.wish, ...(may === 'take_over' ? {take_over: true} : {})});
      } else if (stage?.at === 'expired') {
        const {amount, benefit} = stage.redemption;
        if (benefit !== null) this.#redeem({benefit: {id: benefit.id, uses: benefit.uses}});
        else if (amount !== null) this.#redeem({amount});
      } else if (id > 0) this.#redeem({benefit: {id, uses: 1}, take_over: true});
      else if (held !== null) void session?.resume(held);
    }

    #paint(): void {
      const seen = this.#seen();
      const focused = this.contains(document.activeElement);
      this.#most = seen.most;
      this.#show(seen);
      this.#list(seen.rows);
      // The button that was tapped is gone: whoever uses a keyboard stays here.
      const gone = focused ? document.activeElement?.closest('[hidden]') : null;
      if (gone) find(gone.closest('[data-benefit]') ?? this, 'said')?.focus();
    }

    #seen(): Picture {
      const texts = this.#texts;
      const session = this.#session;
      if (session === null) return without(this.#failed ? 'down' : 'loading', texts);
      try {
        return picture(session.known, {texts, write: this.#write, tell: session.told});
      } catch {
        // Something in an answer that cannot be shown, as an amount that is none.
        return without('down', texts);
      }
    }

    #show(seen: Picture): void {
      const most = seen.most === null ? '' : this.#write.money(seen.most);
      place(find(this, 'loading'), null, seen.loading);
      place(find(this, 'balance'), seen.balance);
      place(find(this, 'notes'), seen.notes.join('\n'));
      place(find(this, 'form'), null, seen.most !== null);
      place(find(this, 'all'), say(this.#texts, 'reward.use_all', {amount: most}));
      place(find(this, 'guest'), null, seen.guest);
      place(find(this, 'benefits'), null, seen.rows.length > 0);
      find(this, 'amount')?.setAttribute('aria-invalid', String(this.#mistake !== ''));
      this.setAttribute('aria-busy', String(seen.loading || seen.busy));
      this.#status(this, {...seen, said: this.#mistake || seen.said});
    }

    /** A row stays the same element while its benefit is there. */
    #list(rows: readonly Row[]): void {
      const list = this.querySelector('ul');
      const model = this.querySelector('template')?.content.firstElementChild;
      if (!list || !model) return;
      for (const old of list.querySelectorAll('[data-benefit]')) {
        if (!rows.some(({id}) => String(id) === old.getAttribute('data-benefit'))) old.remove();
      }
      for (const row of rows) {
        const item = list.querySelector(`[data-benefit="${row.id}"]`) ?? (model.cloneNode(true) as Element);
        item.setAttribute('data-benefit', String(row.id));
        if (!item.isConnected) list.append(item);
        const apply = find(item, 'apply');
        place(find(item, 'name'), row.name);
        place(find(item, 'about'), row.about);
        place(apply, null, row.usable);
        apply?.setAttribute('aria-label', `${apply.textContent?.trim()}: ${row.name}`);
        find(item, 'remove')?.setAttribute('aria-label', `${find(item, 'remove')?.textContent?.trim()}: ${row.name}`);
        this.#status(item, row);
      }
    }

    #status(root: Element, {said, applied, offer, busy}: Status): void {
      place(find(root, 'said'), said, true);
      place(find(root, 'remove'), null, applied);
      place(find(root, 'offer'), offer === null ? '' : say(this.#texts, `reward.${offer}`));
      for (const name of ['apply', 'all', 'remove', 'offer']) {
        // Not `disabled`, which would take the focus away; a second tap is the first one.
        find(root, name)?.setAttribute('aria-disabled', String(busy));
      }
    }
  };
}

function thing(benefit: number): Thing {
  return benefit > 0 ? `benefit-${benefit}` : 'amount';
}

/** The amount's own parts come before those of the benefits. */
function find(root: Element, name: string): HTMLElement | null {
  return root.querySelector<HTMLElement>(`[data-part="${name}"]`);
}

/** Text only where it changed, so that nothing is read out twice; null leaves what Liquid wrote. */
function place(part: HTMLElement | null, text: string | null, there = text !== ''): void {
  if (part === null) return;
  if (text !== null && part.textContent !== text) part.textContent = text;
  part.hidden = !there;
}
