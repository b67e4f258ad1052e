// After the sale: what was sold, how far each reward on it has come, and goods that come back.
import { proxyAtTill, sandbox } from "../api.js";
import { byId, el, painter, show } from "../dom.js";
import { cents, shown } from "../money.js";
import { atTime } from "../times.js";
import { session } from "./session.js";
import { money, spaced } from "./words.js";

const ROAD = ["held", "issued", "captured", "recorded"];
const GIVEN_BACK = "given_back";

export class Receipt {
  #register;
  #back = new Map();
  #order = null;
  #paintSpent = painter(byId("spent"), (data) => data.map(spent));

  constructor(register) {
    this.#register = register;
    byId("take-back").addEventListener("click", () => void this.#takeBack());
  }

  async open(id) {
    this.#back.clear();
    byId("receipt-message").textContent = "";
    await this.#read(id);
    await this.poll();
  }

  close() {
    this.#order = null;
  }

  async poll() {
    if (!this.#order) return;
    const ids = session.sales[this.#order.id] ?? [];
    const answers = await Promise.all(ids.map((id) => proxyAtTill(session.staff, "GET", `/v1/pos/redemptions/${id}`)));
    this.#paintSpent(answers.filter((one) => one.ok).map(({ body }) => body));
  }

  async #read(id) {
    const answer = await sandbox.read("shopify", `/orders/${id}`);
    if (!answer.ok) return;
    this.#order = answer.body;
    this.#draw();
  }

  #draw() {
    const order = this.#order;
    byId("receipt-title").textContent = `Sold: ${order.name}`;
    const off = cents(order.total_discounts);
    byId("receipt-text").textContent =
      `${shown(cents(order.total_price))} paid${off ? `, after ${shown(off)} off` : ""} · ${spaced(order.financial_status)}`;
    byId("sold").replaceChildren(...order.line_items.map((line) => this.#row(line)));
    const pieces = [...this.#back.values()].reduce((sum, one) => sum + one, 0);
    byId("take-back").textContent = pieces ? `Return ${pieces === 1 ? "one piece" : `${pieces} pieces`}` : "Return";
    byId("take-back").disabled = pieces === 0;
  }

  #row(line) {
    const back = this.#back.get(line.id) ?? 0;
    const step = (by, sign, what) => el("button", {
      type: "button", class: "step", "aria-label": `${what} ${line.title} back`, onclick: () => {
        this.#back.set(line.id, Math.max(0, Math.min(line.current_quantity, back + by)));
        this.#draw();
      },
    }, sign);
    return el("li", {},
      el("span", {}, line.title, el("span", { class: "muted" }, ` ${line.current_quantity} of ${line.quantity} kept`)),
      el("span", { class: "stepper" }, step(-1, "−", "One less of"), el("b", {}, back), step(1, "+", "One more of")),
      el("span", { class: "number" }, shown(cents(line.price) * line.quantity)));
  }

  async #takeBack() {
    byId("take-back").disabled = true;
    const lines = [...this.#back].filter(([, quantity]) => quantity > 0).map(([line_id, quantity]) => ({ line_id, quantity }));
    const { user_id, location_id } = this.#register.sold;
    const answer = await sandbox.send("shopify", `/orders/${this.#order.id}/refund`, { lines, user_id, location_id });
    byId("receipt-message").textContent = answer.ok
      ? `${shown(paid(answer.body))} paid back; rewards come back by themselves.`
      : `Not taken back: ${answer.body?.message ?? "the shop does not answer"}.`;
    this.#back.clear();
    await this.#read(this.#order.id);
  }
}

const paid = (refund) => refund.transactions.reduce((sum, one) => sum + cents(one.amount), 0);

function spent({ id, state, amount, captured, benefit = null, history, reason }) {
  const reached = new Set((history ?? []).map((move) => move.state));
  const back = (history ?? []).filter((move) => move.note === GIVEN_BACK).length;
  const value = captured && cents(captured.amount) ? captured : amount;
  const what = benefit ? `${spaced(benefit.handle)} × ${benefit.uses}` : `${money(value)} of rewards`;
  return el("li", { "data-redemption": id, "data-state": state, "data-given-back": back },
    el("b", {}, what),
    el("ol", { class: "road", "aria-label": "How far it has come" }, ROAD.map((name) =>
      el("li", { class: reached.has(name) ? "done" : null, "aria-current": name === state ? "step" : null }, name))),
    standing(state, reason, back));
}

function standing(state, reason, back) {
  if (state === "returned") return el("span", { class: "good" }, "All of it was given back.");
  if (back) return el("span", { class: "good" }, "The share of what came back was given back.");
  return ROAD.includes(state) ? null : el("span", { class: "bad" }, [spaced(state), reason && spaced(reason)].filter(Boolean).join(": "));
}

export async function soldCards(open) {
  const answer = await sandbox.read("shopify", "/state");
  const orders = answer.ok ? answer.body.orders.filter((one) => one.source === "pos").reverse() : [];
  show(byId("sold-list"), true);
  byId("sold-cards").replaceChildren(...(orders.length ? orders.map((one) => el("li", {},
    el("button", { type: "button", class: "person", onclick: () => void open(one.id) },
      el("b", {}, `${one.name} · ${atTime(one.created_at)}`), el("span", { class: "number" }, shown(cents(one.current_total))))))
    : [el("li", { class: "muted" }, "None yet.")]));
}
