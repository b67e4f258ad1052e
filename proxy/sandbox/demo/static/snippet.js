// The checkout snippet: balance, amount, Apply and Remove, as the real extension behaves.
import { proxy, untilAnswered } from "./api.js";
import { byId, el, show } from "./dom.js";
import { cents, plain, shown, wire } from "./money.js";
import { keep, remember, session } from "./session.js";
import { onDay } from "./times.js";

const UNREACHABLE = "Rewards cannot be reached for a moment. Nothing was taken.";
const LIVE = new Set(["held", "issued", "releasing"]);

export class Snippet {
  #cart;
  #rewards = null;
  #problem = null;
  #busy = false;
  #typed = false;
  #round = 0;

  constructor(cart) {
    this.#cart = cart;
    byId("apply-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#once(() => this.#apply(false));
    });
    byId("take-over").addEventListener("click", () => void this.#once(() => this.#apply(true)));
    byId("remove").addEventListener("click", () => void this.#once(() => this.#remove()));
    byId("amount").addEventListener("input", () => {
      this.#typed = true;
      this.#say("");
    });
  }

  // Somebody else signed in, or there is another cart: nothing of the old one may be shown.
  renew() {
    this.#rewards = this.#problem = null;
    this.#typed = false;
    this.#say("");
    this.draw();
    return this.refresh();
  }

  async refresh() {
    const round = ++this.#round;
    const answer = await proxy(session.customer, "GET", "/v1/rewards");
    if (round !== this.#round) return; // a later question has been asked
    if (answer.ok) {
      this.#rewards = answer.body;
      this.#problem = null;
      const open = answer.body.redemption;
      if (open && !this.#busy && !session.redemptions.some((one) => one.id === open.id)) remember(open.id, null);
    } else {
      // What was shown stays on screen while nobody answers; an answer replaces it.
      this.#problem = answer.body?.title ?? UNREACHABLE;
      if (answer.status) this.#rewards = null;
    }
    this.draw();
  }

  draw() {
    const active = this.#rewards?.status === "active";
    const open = active ? this.#rewards.redemption : null;
    const ordered = session.order !== null;
    const applied = !ordered && open?.code && this.#cart.takenOff(open.code) !== null ? open : null;
    byId("snippet").setAttribute("aria-busy", String(this.#busy));
    this.#drawNotice(active);
    this.#drawBalance(active);
    this.#drawApplied(applied);
    show(byId("apply-form"), active && !applied && !ordered && this.#usable() > 0);
    byId("apply").disabled = byId("remove").disabled = byId("take-over").disabled = this.#busy;
    byId("apply").textContent = this.#busy ? "Applying…" : "Apply";
    if (!this.#typed && document.activeElement !== byId("amount")) {
      byId("amount").value = plain(Math.min(this.#usable(), this.#cart.subtotal));
    }
  }

  #drawNotice(active) {
    const pending = this.#rewards?.status === "pending_profile";
    const empty = active && this.#rewards.rewards.length === 0;
    const text = this.#problem
      ?? (pending ? "Your rewards account is being set up. Please try again in a moment." : null)
      ?? (empty ? "You have no rewards at the moment." : null)
      ?? (this.#rewards?.stale ? `As of ${onDay(this.#rewards.as_of)}; the newest state cannot be read.` : null);
    byId("snippet-notice").textContent = text ?? "";
    show(byId("snippet-notice"), Boolean(text));
  }

  #drawBalance(active) {
    show(byId("balance"), active);
    show(byId("reward-list"), active && this.#rewards.rewards.length > 0);
    const next = active ? this.#rewards.expiring_next : null;
    show(byId("expiring"), Boolean(next));
    if (!active) return;
    byId("available").textContent = shown(this.#usable());
    if (next) {
      byId("expiring").textContent = `Next to expire: ${shown(cents(next.amount.amount))} on ${onDay(next.expires_at)}`;
    }
    byId("reward-list").replaceChildren(...this.#rewards.rewards.filter((one) => one.state === "active").map((one) =>
      el("li", {}, el("span", {}, one.name), el("span", {}, shown(cents(one.remaining.amount))),
        el("span", { class: "muted" }, `until ${onDay(one.expires_at)}`))));
  }

  #drawApplied(applied) {
    show(byId("applied"), Boolean(applied));
    if (!applied) return;
    byId("applied-amount").textContent = shown(this.#cart.takenOff(applied.code));
    byId("applied-code").textContent = `code …${applied.code.slice(-4)}`;
  }

  // A released redemption keeps its hold for a short while, but on the same cart it can be used again at once.
  #usable() {
    if (this.#rewards?.status !== "active") return 0;
    const { available, held } = this.#rewards.balance;
    const live = session.redemptions.filter((one) => one.customer === session.customer && LIVE.has(one.state));
    const here = live.length > 0 && live.every((one) => one.cart === this.#cart.token && one.state === "releasing");
    return cents(available.amount) + (here && !this.#rewards.redemption ? cents(held.amount) : 0);
  }

  async #once(action) {
    if (this.#busy) return;
    this.#busy = true;
    show(byId("take-over"), false);
    this.draw();
    try {
      await action();
    } finally {
      this.#busy = false;
      await this.refresh();
    }
  }

  async #apply(takeOver) {
    const amount = cents(byId("amount").value);
    if (!amount) return this.#say("Please enter an amount, such as 12.50.", "bad");
    this.#say("Applying your rewards…");
    const body = { amount: wire(amount), cart: this.#cart.token, take_over: takeOver };
    const key = this.#key(body);
    const answer = await untilAnswered(
      () => proxy(session.customer, "POST", "/v1/redemptions", { key, body }),
      () => this.#say("Still applying your rewards…")
    );
    if (answer.ok) return this.#put(answer.body, amount);
    if (answer.status && !answer.body?.retryable) keep({ attempt: null });
    show(byId("take-over"), answer.body?.code === "held_elsewhere");
    this.#say(this.#explained(answer), "bad");
  }

  // The key is made at the tap and kept until an answer came, also across a reload of the page.
  #key(body) {
    const wish = JSON.stringify([session.customer, body]);
    if (session.attempt?.wish !== wish) keep({ attempt: { wish, key: crypto.randomUUID() } });
    return session.attempt.key;
  }

  async #put(redemption, amount) {
    keep({ attempt: null });
    remember(redemption.id);
    this.#note(redemption);
    this.#typed = false;
    if (!redemption.code) return this.#say("This was applied before and has ended. Please apply again.", "bad");
    await this.#cart.addCode(redemption.code);
    const off = this.#cart.takenOff(redemption.code);
    if (!off) {
      // A code that takes nothing off would hold the value for nothing.
      await this.#cart.removeCode(redemption.code);
      await this.#release(redemption.id);
      return this.#say("The shop did not accept the discount. Nothing was taken.", "bad");
    }
    this.#say(off < amount ? `${shown(off)} applied: that is all this cart costs.` : `${shown(off)} applied.`, "good");
  }

  async #remove() {
    const { id, code } = this.#rewards.redemption;
    await this.#cart.removeCode(code);
    const answer = await this.#release(id);
    if (answer.ok) {
      this.#typed = false;
      this.#note(answer.body);
      this.#say("Removed. The value is yours again.", "good");
    } else {
      this.#say(this.#explained(answer), "bad");
    }
  }

  #release(id) {
    return untilAnswered(
      () => proxy(session.customer, "DELETE", `/v1/redemptions/${id}`),
      () => this.#say("Still removing…")
    );
  }

  #note({ id, state, amount }) {
    keep({ redemptions: session.redemptions.map((one) => (one.id === id ? { ...one, state, amount } : one)) });
  }

  #explained({ body }) {
    const facts = [
      body?.available && `Available: ${shown(cents(body.available.amount))}.`,
      body?.minimum && `The smallest amount is ${shown(cents(body.minimum.amount))}.`,
    ];
    return [body?.title ?? UNREACHABLE, ...facts.filter(Boolean)].join(" ");
  }

  #say(text, kind = "") {
    byId("snippet-message").textContent = text;
    byId("snippet-message").dataset.kind = kind;
  }
}
