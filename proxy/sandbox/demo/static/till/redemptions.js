// What is redeemed on the cart: asked of the proxy, put on the cart as a code, followed, and taken off again.
import { proxyAtTill, untilAnswered } from "../api.js";
import { byId, el, painter, show } from "../dom.js";
import { cents, shown, wire } from "../money.js";
import { keep, session } from "./session.js";
import { money, refusal, spaced } from "./words.js";

const PATIENCE_MS = 6000;
const OVER = new Set(["releasing", "released", "returned"]);
const NEEDS_REASON = "reason_required";

export class Redemptions {
  #cart;
  #register;
  #moved;
  #wish = null;
  #busy = false;
  #paint = painter(byId("applied"), (data) => data.map((one) => this.#row(one)));

  constructor(cart, register, moved) {
    this.#cart = cart;
    this.#register = register;
    this.#moved = moved;
    byId("take-over").addEventListener("click", () => void this.#once(() => this.#place(this.#wish, true)));
  }

  get busy() {
    return this.#busy;
  }

  redeem(text) {
    const amount = cents(text);
    if (!amount) return this.say("Enter an amount, such as 7.35.", "bad");
    return this.#once(() => this.#place({ label: "Rewards", asks: { amount: wire(amount) } }, false));
  }

  use(benefit) {
    return this.#once(() => this.#place({ label: benefit.name, asks: { benefit: { id: benefit.id, uses: 1 } } }, false));
  }

  // A benefit on offer becomes the customer's; nothing of the cart changes.
  claim(offer) {
    return this.#once(async () => {
      this.say("One moment…");
      const path = `/v1/pos/customers/${this.#cart.customer}/benefits/claims`;
      const body = { definition: offer.handle, device_id: this.#register.declared.device_id };
      const key = this.#key({ path, ...body });
      const answer = await untilAnswered(
        () => proxyAtTill(session.staff, "POST", path, { key, body }), () => this.say("Still asking…"), PATIENCE_MS);
      if (answer.ok || (answer.status && !answer.body?.retryable)) keep({ attempt: null });
      this.say(answer.ok ? `${offer.name}: claimed.` : refusal(answer), answer.ok ? "good" : "bad");
    });
  }

  remove(id) {
    return this.#once(() => this.#take(session.applied.find((one) => one.id === id)));
  }

  // Somebody else at the till, or the cart is thrown away: nothing of the old customer stays on it.
  async removeAll() {
    await this.#once(async () => {
      for (const one of [...session.applied]) await this.#take(one);
    });
  }

  // The most that the proxy would grant on this cart, in cents; null where it gives no quotes.
  async most() {
    const body = { customer_id: String(this.#cart.customer), cart: this.#cart.declared, ...this.#register.declared };
    const answer = await proxyAtTill(session.staff, "POST", "/v1/pos/redemptions/quote", { body });
    return answer.ok ? cents(answer.body.suggested.amount) : null;
  }

  async poll() {
    for (const one of session.applied) {
      const answer = await this.#read(one.id);
      // Meanwhile it may have been removed by hand.
      const still = session.applied.some((kept) => kept.id === one.id);
      if (!answer.ok || this.#busy || !still) continue;
      if (OVER.has(answer.body.state)) await this.#ended(one);
      else if (answer.body.state !== one.state) this.#note(one.id, { state: answer.body.state });
    }
    this.draw();
  }

  draw() {
    this.#paint(session.applied.map((one) => {
      const off = one.code ? this.#cart.takenOff(one.code) : null;
      return { ...one, off, refused: one.code !== null && off === null, busy: this.#busy };
    }));
  }

  say(text, kind = "") {
    byId("message").textContent = text;
    byId("message").dataset.kind = kind;
  }

  #row({ id, label, amount, state, off, refused, busy }) {
    const taken = refused ? "not accepted by the cart" : off === null ? "nothing comes off" : `${shown(off)} off`;
    const note = amount && off !== null && cents(amount.amount) !== off ? ` of ${money(amount)}` : "";
    return el("li", { "data-redemption": id, class: refused ? "refused" : null },
      el("span", {}, el("b", {}, label), el("span", { class: "muted" }, `${taken}${note} · ${spaced(state)}`)),
      el("button", { type: "button", class: "plain", disabled: busy, onclick: () => void this.remove(id) }, "Remove"));
  }

  async #once(action) {
    if (this.#busy) return;
    this.#busy = true;
    show(byId("take-over"), false);
    this.#moved();
    try {
      await action();
    } finally {
      this.#busy = false;
      this.#moved();
    }
  }

  async #place(wish, takeOver) {
    this.#wish = wish;
    this.say("One moment…");
    const reason = byId("reason").value.trim();
    const body = {
      ...wish.asks, customer_id: String(this.#cart.customer), cart: this.#cart.token, take_over: takeOver,
      ...this.#register.declared, ...(reason ? { reason } : {}),
    };
    const answer = await untilAnswered(
      () => proxyAtTill(session.staff, "POST", "/v1/pos/redemptions", { key: this.#key(body), body }),
      () => this.say("Still asking…"), PATIENCE_MS);
    if (answer.ok) return this.#put(answer.body, wish);
    if (answer.status && !answer.body?.retryable) keep({ attempt: null });
    show(byId("take-over"), answer.body?.code === "held_elsewhere");
    if (answer.body?.code === NEEDS_REASON) show(byId("reason-field"), true);
    this.say(refusal(answer), "bad");
  }

  // Made at the tap and kept until an answer came: a second tap, or one after a reload, asks for the same thing.
  #key(body) {
    const wish = JSON.stringify([session.staff, body]);
    if (session.attempt?.wish !== wish) keep({ attempt: { wish, key: crypto.randomUUID() } });
    return session.attempt.key;
  }

  async #put(redemption, { label, asks }) {
    const { id, code, state, amount, cart_attribute: attribute = null } = redemption;
    // On the same cart the same is replaced: an amount by another, a benefit by itself.
    const asked = asks.benefit?.id ?? null;
    const before = session.applied.find((one) => one.asked === asked && one.id !== id);
    if (OVER.has(state) || (!code && !attribute)) {
      keep({ attempt: null });
      return this.say("This was redeemed before and has ended. Please try again.", "bad");
    }
    const one = { id, label, code, attribute, state, amount, asked };
    keep({ attempt: null, applied: [...session.applied.filter((kept) => kept.id !== id && kept !== before), one] });
    byId("reason").value = "";
    if (before) await this.#off(before);
    // Without a code the order is known by the cart's property alone.
    if (attribute) {
      await this.#cart.addProperties({ [attribute.key]: attribute.value });
      return this.say(`${label}: noted. Nothing comes off the total.`, "good");
    }
    await this.#cart.addCode(code);
    const off = this.#cart.takenOff(code);
    if (off) return this.say(`${label}: ${shown(off)} off.`, "good");
    // A code that takes nothing off would hold the value for nothing.
    await this.#take(one);
    return this.say("The cart did not accept the discount. Nothing was taken.", "bad");
  }

  async #off(one) {
    if (one.code) await this.#cart.removeCode(one.code);
    if (one.attribute) await this.#cart.removeProperties([one.attribute.key]);
  }

  async #take(one) {
    if (!one) return;
    await this.#off(one);
    const answer = await untilAnswered(
      () => proxyAtTill(session.staff, "DELETE", `/v1/pos/redemptions/${one.id}`),
      () => this.say("Still removing…"), PATIENCE_MS);
    keep({ applied: session.applied.filter((kept) => kept.id !== one.id) });
    // Off the cart in any case; what could not be told is let go when its time is over.
    this.say(answer.ok ? "Removed. The value is free again." : refusal(answer), answer.ok ? "good" : "bad");
  }

  async #ended(one) {
    keep({ applied: session.applied.filter((kept) => kept.id !== one.id) });
    await this.#off(one);
    this.say(`${one.label}: its time is over, and the value is free again.`, "bad");
    this.#moved();
  }

  #read(id) {
    return proxyAtTill(session.staff, "GET", `/v1/pos/redemptions/${id}`);
  }

  #note(id, changes) {
    keep({ applied: session.applied.map((one) => (one.id === id ? { ...one, ...changes } : one)) });
  }
}
