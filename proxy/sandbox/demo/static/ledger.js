// A redemption's way through the ledger, drawn as steps that light up.
import { proxy } from "./api.js";
import { byId, el, painter, show } from "./dom.js";
import { cents, shown } from "./money.js";
import { keep, session } from "./session.js";
import { atTime } from "./times.js";

const ROAD = [
  ["held", "value set aside"],
  ["issued", "code in Shopify"],
  ["capturing", "order seen"],
  ["captured", "spent in Omneo"],
  ["recorded", "on the sale"],
];
const BRANCH = [
  ["releasing", "code switched off"],
  ["released", "value free again"],
  ["review", "a person must look"],
];
const ENDED = new Set(["released", "returned"]);

export class Ledger {
  #paint = painter(byId("way"), (data) => way(data));
  #paintJournal = painter(byId("journal"), (data) => journal(data));
  #paintEarlier = painter(byId("earlier"), (data) => data.map((one) => this.#choice(one)));
  #said = "";
  #moved;

  constructor(moved) {
    this.#moved = moved;
  }

  async poll() {
    await Promise.all(this.#live().map((one) => this.#follow(one)));
    if (!session.redemptions.some((one) => one.id === session.following)) this.#draw(null);
    const earlier = session.redemptions.filter((one) => one.id !== session.following).slice(-6);
    show(byId("earlier"), earlier.length > 0);
    this.#paintEarlier(earlier.map(({ id, state, amount }) => ({ id, state, amount })));
  }

  // The one in the picture, and those whose end the snippet waits for.
  #live() {
    return session.redemptions.filter((one) => one.id === session.following || (!ENDED.has(one.state) && one.state !== "recorded"));
  }

  async #follow(one) {
    const answer = await proxy(one.customer, "GET", `/v1/redemptions/${one.id}`);
    if (!answer.ok) return;
    const { state, amount } = answer.body;
    const before = session.redemptions.find((kept) => kept.id === one.id)?.state;
    if (before !== state) {
      keep({ redemptions: session.redemptions.map((kept) => (kept.id === one.id ? { ...kept, state, amount } : kept)) });
      this.#moved();
    }
    if (one.id === session.following) this.#draw(answer.body);
  }

  #draw(redemption) {
    byId("ledger").dataset.state = redemption?.state ?? "";
    byId("ledger").dataset.redemption = redemption?.id ?? "";
    byId("ledger-which").textContent = redemption
      ? `${redemption.id} · ${shown(cents(redemption.amount.amount))}`
      : "Apply rewards to see one";
    this.#paint({ state: redemption?.state ?? null, history: redemption?.history ?? [] });
    this.#paintJournal(redemption?.history ?? []);
    byId("journal-sum").textContent = summary(redemption);
    const said = redemption ? `The redemption is ${redemption.state}.` : "";
    if (said !== this.#said) byId("ledger-said").textContent = this.#said = said;
  }

  #choice({ id, state, amount }) {
    const text = `${amount ? shown(cents(amount.amount)) : "…"} ${state ?? ""}`;
    return el("button", { type: "button", class: "chip", title: id, onclick: () => keep({ following: id }) }, text);
  }
}

function way({ state, history }) {
  const first = new Map();
  for (const move of history) if (!first.has(move.state)) first.set(move.state, move.at);
  const step = ([name, meaning]) => {
    const at = first.get(name);
    const status = name === state ? "now" : at ? "done" : "todo";
    return el("li", { "data-step": name, "data-status": status, "aria-current": name === state ? "step" : null },
      el("span", { class: "dot", "aria-hidden": "true" }),
      el("strong", {}, name),
      el("span", { class: "muted" }, meaning),
      at ? el("time", {}, atTime(at)) : null);
  };
  return [
    el("ol", { class: "road", "aria-label": "The way of a redemption" }, ROAD.map(step)),
    el("ol", { class: "branch", "aria-label": "Ways out" }, BRANCH.map(step)),
  ];
}

function journal(history) {
  return history.map(({ at, state, note }) =>
    el("li", {}, el("time", {}, atTime(at)), el("span", {}, state), el("span", { class: "muted" }, note)));
}

function summary(redemption) {
  if (!redemption) return "Journal";
  const captured = cents(redemption.captured.amount);
  const parts = [captured && `captured ${shown(captured)}`, redemption.reason && `reason: ${redemption.reason}`];
  return ["Journal", ...parts.filter(Boolean)].join(" · ");
}
