// The tabs of the loyalty pane: benefits and history are read when they are looked at.
import { proxyAtTill } from "../api.js";
import { byId, el, painter, show } from "../dom.js";
import { cents, shown } from "../money.js";
import { onDay } from "../times.js";
import { session } from "./session.js";
import { effect, refusal, spaced } from "./words.js";

const TABS = ["redeem", "benefits", "history"];
const PAGE = 10;
const MOST = 50;

export class Tabs {
  #member;
  #redemptions;
  #busy;
  #at = "redeem";
  #of = null;
  #page = 1;
  #round = 0;
  #paintBenefits = painter(byId("benefit-list"), (data) => this.#benefits(data));
  #paintHistory = painter(byId("history-list"), (data) => sales(data));

  constructor(member, redemptions, busy) {
    this.#member = member;
    this.#redemptions = redemptions;
    this.#busy = busy;
    for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => this.open(name));
    byId("more").addEventListener("click", () => {
      this.#page += 1;
      void this.refresh();
    });
    this.open("redeem");
  }

  open(name) {
    this.#at = name;
    for (const one of TABS) {
      byId(`tab-${one}`).setAttribute("aria-selected", String(one === name));
      show(byId(one), one === name);
    }
    void this.refresh();
  }

  draw() {
    const count = this.#member.benefits;
    byId("tab-benefits").textContent = count === null ? "Benefits" : `Benefits (${count})`;
    if (this.#of === this.#member.customer) return;
    this.#of = this.#member.customer;
    this.#page = 1;
    this.#paintBenefits({ benefits: [], claimable: [] });
    this.#paintHistory({ transactions: [] });
    this.open("redeem");
  }

  async refresh() {
    if (this.#member.customer === null || this.#at === "redeem") return;
    const [round, at] = [++this.#round, this.#at];
    const query = at === "history" ? `?page=1&size=${Math.min(MOST, PAGE * this.#page)}` : "";
    const answer = await proxyAtTill(session.staff, "GET", `/v1/pos/customers/${this.#member.customer}/${at}${query}`);
    if (round !== this.#round) return;
    if (at === "benefits") this.#paintBenefits(this.#listed(answer));
    else this.#paintHistory(shape(answer, "transactions"));
    show(byId("more"), at === "history" && answer.ok && answer.body.more);
  }

  #listed(answer) {
    const claimable = answer.ok ? answer.body.claimable : [];
    return { ...shape(answer, "benefits"), claimable, busy: this.#busy(), asking: this.#redemptions.busy };
  }

  #benefits({ benefits, claimable, refused, busy, asking }) {
    if (refused) return [el("li", { class: "muted" }, refused)];
    if (benefits.length + claimable.length === 0) return [el("li", { class: "muted" }, "No benefits at the moment.")];
    // What can be used comes first.
    const sorted = [...benefits].sort((one, other) => Number(other.applicable) - Number(one.applicable));
    return [...sorted.map((one) => this.#benefit(one, busy)), ...claimable.map((one) => this.#offer(one, asking))];
  }

  #benefit(one, busy) {
    return el("li", { class: "card", "data-benefit": one.handle },
      el("div", {}, el("b", {}, one.name), lines([effect(one), one.description, one.terms, one.instructions, until(one)]), blocked(one)),
      el("button", { type: "button", class: "primary", disabled: busy || !one.applicable, "aria-label": `Use ${one.name}`, onclick: () => void this.#redemptions.use(one) }, "Use"));
  }

  #offer(one, asking) {
    return el("li", { class: "card", "data-offer": one.handle },
      el("div", {}, el("b", {}, one.name), lines(["On offer", one.description, one.terms])),
      el("button", { type: "button", class: "plain", disabled: asking, "aria-label": `Claim ${one.name}`, onclick: () => void this.#redemptions.claim(one) }, "Claim"));
  }
}

function shape(answer, name) {
  return answer.ok ? { [name]: answer.body[name] } : { [name]: [], refused: refusal(answer) };
}

const lines = (texts) => texts.filter(Boolean).map((text) => el("span", { class: "muted" }, text));
const blocked = (one) => (one.reason ? el("span", { class: "bad" }, `Not now: ${spaced(one.reason)}`) : null);

function until({ remaining, expires_at: at }) {
  const uses = remaining === null ? null : remaining === 1 ? "one use left" : `${remaining} uses left`;
  return [uses, at ? `until ${onDay(at)}` : null].filter(Boolean).join(" · ");
}

function sales({ transactions, refused }) {
  if (refused) return [el("li", { class: "muted" }, refused)];
  if (transactions.length === 0) return [el("li", { class: "muted" }, "No sales yet.")];
  return transactions.map((one) => el("li", { class: "card", "data-sale": one.external_id },
    el("div", {},
      el("b", {}, [onDay(one.transacted_at), one.location ?? one.channels.join(", "), one.returned && "returned", one.void && "void"].filter(Boolean).join(" · ")),
      lines([one.items.map((item) => `${Number(item.quantity)} × ${item.name}`).join(", "), redeemed(one)])),
    el("span", { class: one.void ? "number struck" : "number" }, signed(one.total))));
}

function redeemed({ redemptions, reversed }) {
  const used = (spent) => spent.used.map(({ name, type, value, count }) =>
    `${value === null ? `${count} ×` : signed(value)} ${name ?? spaced(type)}`).join(", ");
  const parts = [
    ...redemptions.map((spent) => `Redeemed: ${used(spent)}`),
    ...reversed.map((spent) => `Given back: ${used(spent)}`),
  ];
  return parts.join(" · ");
}

function signed(text) {
  const value = cents(String(text).replace("-", ""));
  return value === null ? text : `${String(text).startsWith("-") ? "−" : ""}${shown(value)}`;
}
