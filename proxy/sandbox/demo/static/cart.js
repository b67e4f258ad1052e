// The shop's cart: lines whose quantities change, codes, totals, and the order that it becomes.
import { sandbox } from "./api.js";
import { byId, el, show } from "./dom.js";
import { cents, shown } from "./money.js";
import { keep, session } from "./session.js";

const FIRST_QUANTITIES = { "Linen shirt": 1, "Wool socks": 2, "Canvas tote": 1 };

export class Cart {
  #variants = [];
  #quantities = new Map();
  #changed;
  #writing = Promise.resolve();
  data = null;

  constructor(changed) {
    this.#changed = changed;
  }

  get token() {
    return this.data?.token ?? null;
  }

  get subtotal() {
    return this.data ? cents(this.data.subtotal) : 0;
  }

  async open(variants, customer) {
    this.#variants = variants;
    const kept = session.cart && (await sandbox.read("shopify", `/carts/${session.cart}`));
    if (kept?.ok && kept.body.customer_id === customer) {
      this.#quantities = new Map(variants.map((v) => [v.variant_id, 0]));
      for (const line of kept.body.lines) this.#quantities.set(line.variant_id, line.quantity);
      this.#take(kept);
    } else {
      await this.renew(customer);
    }
    this.#drawLines();
  }

  async renew(customer) {
    this.#quantities = new Map(this.#variants.map((v) => [v.variant_id, FIRST_QUANTITIES[v.title] ?? 0]));
    const answer = await sandbox.send("shopify", "/carts", { lines: this.#lines(), customer_id: customer });
    keep({ cart: answer.body?.token ?? null, order: null });
    this.#take(answer);
    this.#drawLines();
  }

  async addCode(code) {
    return this.#write("codes", () => ({ add: code }));
  }

  async removeCode(code) {
    return this.#write("codes", () => ({ remove: code }));
  }

  // Shows what was sold instead of what the cart would cost now: its code is used up.
  showOrder(order) {
    const off = cents(order.total_discounts);
    this.#totals(cents(order.total_price) + off, off, cents(order.total_price));
  }

  lock(locked) {
    for (const control of byId("cart-lines").querySelectorAll("input, button")) control.disabled = locked;
  }

  async read() {
    const answer = await sandbox.read("shopify", `/carts/${this.token}`);
    if (answer.ok) this.#take(answer);
  }

  // What a code takes off now, in cents; null when the shop does not accept it.
  takenOff(code) {
    const found = this.data?.codes.find((one) => one.code.toLowerCase() === code.toLowerCase());
    return found?.applicable ? cents(found.amount) : null;
  }

  holds(code) {
    return Boolean(this.data?.codes.some((one) => one.code.toLowerCase() === code.toLowerCase()));
  }

  async order(paid) {
    const answer = await sandbox.send("shopify", `/carts/${this.token}/order`, { paid });
    if (answer.ok) keep({ order: answer.body.id });
    return answer;
  }

  #lines() {
    return [...this.#quantities].filter(([, q]) => q > 0).map(([variant_id, quantity]) => ({ variant_id, quantity }));
  }

  // One change after the other: two taps on "+" must not overtake each other.
  #write(what, body) {
    const done = this.#writing.then(async () => {
      const answer = await sandbox.send("shopify", `/carts/${this.token}/${what}`, body());
      if (answer.ok) this.#take(answer);
      return answer;
    });
    this.#writing = done.catch(() => {});
    return done;
  }

  #set(variant, quantity) {
    const before = this.#quantities.get(variant);
    this.#quantities.set(variant, Math.max(0, Math.min(99, quantity)));
    // The last piece stays: the sandbox has no empty carts.
    if (this.#lines().length === 0) this.#quantities.set(variant, before);
    this.#drawQuantities();
    void this.#write("lines", () => ({ lines: this.#lines() }));
  }

  #take(answer) {
    if (!answer.ok) return;
    this.data = answer.body;
    this.#totals(cents(this.data.subtotal), cents(this.data.discount), cents(this.data.total));
    this.#changed();
  }

  #totals(subtotal, discount, total) {
    byId("subtotal").textContent = shown(subtotal);
    byId("discount").textContent = `−${shown(discount)}`;
    show(byId("discount-row"), discount > 0);
    byId("total").textContent = shown(total);
  }

  #drawLines() {
    byId("cart-lines").replaceChildren(...this.#variants.map((variant) => this.#row(variant)));
    this.#drawQuantities();
  }

  #row({ variant_id: id, title, price }) {
    const input = el("input", {
      type: "text", inputmode: "numeric", "data-variant": id, "aria-label": `Quantity of ${title}`,
      onchange: () => this.#set(id, Number.parseInt(input.value, 10) || 0),
    });
    const step = (by, sign, what) =>
      el("button", { type: "button", class: "step", "aria-label": `${what} ${title}`, onclick: () => this.#set(id, this.#quantities.get(id) + by) }, sign);
    return el("tr", { "data-row": id },
      el("th", { scope: "row" }, title, el("span", { class: "muted" }, ` ${shown(cents(price))}`)),
      el("td", {}, el("span", { class: "quantity" }, step(-1, "−", "One less of"), input, step(1, "+", "One more of"))),
      el("td", { class: "number", "data-sum": price }));
  }

  #drawQuantities() {
    for (const row of byId("cart-lines").children) {
      const quantity = this.#quantities.get(Number(row.dataset.row));
      row.querySelector("input").value = quantity;
      row.classList.toggle("none", quantity === 0);
      const sum = row.querySelector("[data-sum]");
      sum.textContent = quantity ? shown(cents(sum.dataset.sum) * quantity) : "";
    }
  }
}
