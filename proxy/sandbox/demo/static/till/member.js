// The customer on the cart: who it is, tier, balance with its age, and the three tabs below.
import { proxyAtTill } from "../api.js";
import { byId, show } from "../dom.js";
import { cents, shown } from "../money.js";
import { onDay } from "../times.js";
import { keep, session } from "./session.js";
import { age, lastKnown, refusal, spaced } from "./words.js";

const PENDING = "The rewards account is being set up. Please try again in a moment.";

export class Member {
  #customer = null;
  #name = "";
  #answer = null;
  #round = 0;
  #drawn;

  constructor(drawn) {
    this.#drawn = drawn;
  }

  get customer() {
    return this.#customer;
  }

  // In cents, as last known.
  get available() {
    const balance = this.#overview?.balance;
    return balance ? cents(balance.available.amount) : 0;
  }

  get benefits() {
    return this.#overview?.benefits ?? null;
  }

  get #known() {
    return session.known[this.#customer] ?? null;
  }

  get #overview() {
    return this.#answer?.ok ? this.#answer.body : this.#known?.overview ?? null;
  }

  show(customer, name) {
    if (customer !== this.#customer) {
      this.#customer = customer;
      this.#answer = null;
    }
    this.#name = name;
    this.draw();
    return this.refresh();
  }

  async refresh() {
    if (this.#customer === null) return;
    const round = ++this.#round;
    const answer = await proxyAtTill(session.staff, "GET", `/v1/pos/customers/${this.#customer}`);
    if (round !== this.#round) return; // a later question has been asked
    this.#answer = answer;
    if (answer.ok && answer.body.balance) {
      const at = answer.body.as_of ?? new Date().toISOString();
      keep({ known: { ...session.known, [this.#customer]: { overview: answer.body, at } } });
    }
    this.draw();
  }

  draw() {
    const offline = this.#answer?.status === 0;
    byId("connection").textContent = offline ? "No connection to rewards" : this.#answer ? "Rewards connected" : "Ready";
    byId("connection").dataset.kind = offline ? "bad" : "good";
    show(byId("member"), this.#customer !== null);
    show(byId("lookup"), this.#customer === null);
    if (this.#customer === null) return;
    const overview = this.#overview;
    this.#drawName(overview);
    this.#drawNotice(overview);
    this.#drawFigures(overview);
    this.#drawTier(overview?.tier);
    this.#drawn();
  }

  #drawName(overview) {
    const profile = overview?.profile;
    const name = profile ? `${profile.first_name} ${profile.last_name}` : this.#name;
    byId("member-name").textContent = name;
    byId("avatar").textContent = name.split(" ").map((part) => part.charAt(0)).join("").slice(0, 2);
    const parts = [overview?.tier?.current ?? profile?.tier, profile?.type && profile.type !== "active" ? spaced(profile.type) : null];
    byId("member-tier").textContent = parts.filter(Boolean).join(" · ") || "Member";
  }

  #drawNotice(overview) {
    const text = this.#notice(overview);
    if (byId("notice").textContent !== text) byId("notice").textContent = text;
    show(byId("notice"), text !== "");
  }

  #notice(overview) {
    if (this.#answer === null) return "";
    if (!this.#answer.ok) {
      const known = this.#known && !this.#answer.body?.last_known;
      return [refusal(this.#answer), known ? lastKnown(this.#known.overview.balance.available, this.#known.at) : ""].join(" ").trim();
    }
    if (overview.status === "pending_profile") return PENDING;
    if (overview.status !== "active") return `Rewards cannot be used: ${spaced(overview.status)}.`;
    if (overview.stale) return `Omneo cannot be reached. ${overview.balance ? lastKnown(overview.balance.available, this.#known.at) : ""}`;
    return overview.missing?.length ? `Could not be read: ${overview.missing.map(spaced).join(", ")}.` : "";
  }

  #drawFigures(overview) {
    const balance = overview?.balance;
    show(byId("figures"), Boolean(balance));
    if (!balance) return;
    const old = !this.#answer?.ok || overview.stale;
    byId("available").textContent = shown(cents(balance.available.amount));
    byId("available-label").textContent = old ? `available ${age(this.#known.at)}` : "available";
    byId("held").textContent = shown(cents(balance.held.amount));
    show(byId("held-figure"), cents(balance.held.amount) > 0);
    const next = overview.expiring_next;
    show(byId("expiring-figure"), Boolean(next));
    if (!next) return;
    byId("expiring").textContent = shown(cents(next.amount.amount));
    byId("expiring-on").textContent = `expires ${onDay(next.expires_at)}`;
  }

  #drawTier(tier) {
    const [progress, remaining] = [Number(tier?.progress ?? 0), Number(tier?.remaining ?? 0)];
    const next = tier?.next && remaining > 0;
    show(byId("tier"), Boolean(next));
    if (!next) return;
    byId("tier-bar").style.width = `${Math.round((100 * progress) / (progress + remaining))}%`;
    byId("tier-text").textContent = `${remaining} to ${tier.next}`;
  }
}
