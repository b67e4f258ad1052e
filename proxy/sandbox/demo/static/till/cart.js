// The till's cart: products that are tapped, a customer, codes, and the calls of POS's Cart API.
import { sandbox } from "../api.js";
import { byId, el, show } from "../dom.js";
import { cents, shown } from "../money.js";
import { keep, session } from "./session.js";

const MOST = 99;

export class Cart {
  #variants;
  #register;
  #changed;
  #quantities = new Map();
  #writing = Promise.resolve();
  data = null;
  sold = false;

  constructor(variants, register, changed) {
    this.#variants = variants;
    this.#register = register;
    this.#changed = changed;
    byId("products").replaceChildren(...variants.map((one) => this.#tile(one)));
  }

  get token() {
    return this.data?.token ?? null;
  }

  get customer() {
    return this.data?.customer_id ?? null;
  }

  get total() {
    return this.data ? cents(this.data.total) : 0;
  }

  get subtotal() {
    return this.data ? cents(this.data.subtotal) : 0;
  }

  get empty() {
    return [...this.#quantities.values()].every((quantity) => quantity === 0);
  }

  // The cart of before a reload, or a new one.
  async open() {
    const kept = session.cart && (await sandbox.read("shopify", `/pos/carts/${session.cart}`));
    if (kept?.ok && !kept.body.order_id && !kept.body.parked) return this.#begin(kept);
    return this.renew();
  }

  async renew() {
    this.#begin(await sandbox.send("shopify", "/pos/carts", this.#register.sold));
    keep({ cart: this.token, applied: [] });
  }

  async resume(token) {
    const answer = await sandbox.send("shopify", `/pos/carts/${token}/resume`, this.#register.sold);
    if (!answer.ok) return this.renew(); // another till was quicker
    this.#begin(answer);
    return keep({ cart: token });
  }

  abandon() {
    return sandbox.clear("shopify", `/pos/carts/${this.token}`);
  }

  park() {
    return this.#write("park", () => ({}));
  }

  moveRegister() {
    return this.#write("register", () => this.#register.sold);
  }

  setCustomer(customer) {
    return this.#write("customer", () => ({ customer_id: customer }));
  }

  addCode(code) {
    return this.#write("codes", () => ({ code }));
  }

  // POS takes all discounts off or none, so those that stay are added again.
  async removeCode(code) {
    const stay = (this.data?.codes ?? []).map((one) => one.code).filter((one) => !same(one, code));
    await this.#after(() => sandbox.clear("shopify", `/pos/carts/${this.token}/discounts`));
    for (const one of stay) await this.addCode(one);
  }

  addProperties(properties) {
    return this.#write("properties", () => properties);
  }

  removeProperties(keys) {
    return this.#write("properties/remove", () => ({ keys }));
  }

  async sell() {
    const answer = await this.#after(() => sandbox.send("shopify", `/pos/carts/${this.token}/sale`), false);
    this.sold = answer.ok;
    return answer;
  }

  // What a code takes off now, in cents; null when the shop does not accept it.
  takenOff(code) {
    const found = this.data?.codes.find((one) => same(one.code, code));
    return found?.applicable ? cents(found.amount) : null;
  }

  // The cart as the proxy's quote wants it.
  get declared() {
    const lines = [...this.#quantities].filter(([, quantity]) => quantity > 0).map(([id, quantity]) => {
      const { product_id, price, gift_card } = this.#variants.find((one) => one.variant_id === id);
      const unit = { amount: price, currencyCode: this.data.currency };
      return { product_id: String(product_id), variant_id: String(id), quantity, price: unit, gift_card };
    });
    return { token: this.token, lines, codes: this.data.codes.map((one) => one.code) };
  }

  #begin(answer) {
    this.sold = false;
    this.#quantities = new Map((answer.body?.lines ?? []).map((one) => [one.variant_id, one.quantity]));
    this.#take(answer);
  }

  #set(variant, quantity) {
    this.#quantities.set(variant, Math.max(0, Math.min(MOST, quantity)));
    this.#drawLines();
    void this.#write("lines", () => ({
      lines: [...this.#quantities].filter(([, q]) => q > 0).map(([variant_id, q]) => ({ variant_id, quantity: q })),
    }));
  }

  #write(what, body) {
    return this.#after(() => sandbox.send("shopify", `/pos/carts/${this.token}/${what}`, body()));
  }

  // One change after the other: two taps must not overtake each other.
  #after(call, isCart = true) {
    const done = this.#writing.then(async () => {
      const answer = await call();
      if (isCart) this.#take(answer);
      return answer;
    });
    this.#writing = done.catch(() => {});
    return done;
  }

  #take(answer) {
    if (!answer.ok) return;
    this.data = answer.body;
    this.#drawLines();
    this.#drawTotals();
    this.#changed();
  }

  #tile({ variant_id: id, title, price }) {
    const add = () => this.#set(id, (this.#quantities.get(id) ?? 0) + 1);
    return el("button", { type: "button", class: "product", onclick: add }, el("b", {}, title), el("span", {}, shown(cents(price))));
  }

  #drawLines() {
    const rows = this.#variants.filter((one) => this.#quantities.get(one.variant_id) > 0).map((one) => this.#row(one));
    byId("lines").replaceChildren(...rows);
    show(byId("cart-empty"), rows.length === 0);
  }

  #row({ variant_id: id, title, price }) {
    const quantity = this.#quantities.get(id);
    const step = (by, sign, what) => el("button",
      { type: "button", class: "step", "aria-label": `${what} ${title}`, onclick: () => this.#set(id, this.#quantities.get(id) + by) }, sign);
    return el("li", {}, el("span", {}, title),
      el("span", { class: "stepper" }, step(-1, "−", "One less of"), el("b", {}, quantity), step(1, "+", "One more of")),
      el("span", { class: "number" }, shown(cents(price) * quantity)));
  }

  #drawTotals() {
    byId("subtotal").textContent = shown(this.subtotal);
    byId("total").textContent = shown(this.total);
    byId("charge").textContent = this.total || this.empty ? `Charge ${shown(this.total)}` : "Finish: nothing to pay";
    byId("discounts").replaceChildren(...this.data.discounts.map(({ label, amount }) => {
      const ours = session.applied.find((one) => one.code && same(one.code, label));
      return el("div", { class: "off" }, el("dt", {}, ours?.label ?? label), el("dd", { "data-testid": "discount" }, `−${shown(cents(amount))}`));
    }));
  }
}

const same = (one, other) => one.toLowerCase() === other.toLowerCase();
