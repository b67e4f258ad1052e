// What the two simulators know, as tables.
import { sandbox } from "./api.js";
import { byId, el, painter, show, table } from "./dom.js";
import { cents, shown } from "./money.js";
import { session } from "./session.js";
import { atTime, onDay } from "./times.js";

const NEWEST = 5;
const TEXT = "", NUMBER = "number";
const money = (text) => shown(cents(text));
const newest = (rows, count = NEWEST) => rows.slice(-count).reverse();
const chip = (text, kind = "") => el("span", { class: `chip ${kind}` }, text);

export class Omneo {
  #paint = painter(byId("omneo-body"), (profile) => (profile ? omneoBody(profile) : nobody()));

  async poll() {
    const answer = await sandbox.read("omneo", "/state");
    if (!answer.ok) return;
    const profile = answer.body.profiles.find((one) => one.identities.shopify === String(session.customer)) ?? null;
    byId("omneo-balance").textContent = profile ? money(profile.balances.reward_balance ?? "0") : "";
    show(byId("omneo-figure"), profile !== null);
    this.#paint(profile);
  }
}

function nobody() {
  return el("p", { class: "muted" }, session.customer === null
    ? "A guest has no profile."
    : "Omneo has no profile for this customer yet: it reaches Omneo a little later.");
}

function omneoBody(profile) {
  const rewards = profile.rewards.map((one) => [
    `#${one.id}`, money(one.value_initial), money(one.value_remaining), onDay(one.expires_at),
  ]);
  const redemptions = newest(profile.redemptions).map((one) => [
    chip(`#${one.id}`, "omneo-id"), one.type, el("b", {}, money(one.total)), one.transaction_receipt_ref ?? "", atTime(one.created_at),
  ]);
  const sales = newest(profile.transactions).map((one) => [
    `#${one.id}`, one.external_id, money(one.total),
    one.redemption_id ? chip(`#${one.redemption_id}`, "omneo-id") : el("span", { class: "muted" }, "–"),
  ]);
  return [
    table("Rewards", [["Reward", TEXT], ["Worth", NUMBER], ["Left", NUMBER], ["Expires", TEXT]], rewards, "None."),
    table("Redemptions", [["Redemption", TEXT], ["Type", TEXT], ["Total", NUMBER], ["Order", TEXT], ["At", TEXT]], redemptions, "None yet."),
    table("Transactions", [["Transaction", TEXT], ["External id", TEXT], ["Total", NUMBER], ["redemption_id", TEXT]], sales, "None."),
  ];
}

export class Shopify {
  #paint = painter(byId("shopify-body"), shopifyBody);

  async poll() {
    const answer = await sandbox.read("shopify", "/state");
    if (!answer.ok) return;
    const { codes, orders, deliveries } = answer.body;
    this.#paint({ codes: newest(codes), orders: newest(orders), deliveries: newest(deliveries, 6) });
  }
}

const worth = ({ amount, percentage }) => (amount ? money(amount) : percentage ? `${Number(percentage) * 100} %` : "–");

function shopifyBody({ codes, orders, deliveries }) {
  return [
    table("Discount codes", [["Code", TEXT], ["Amount", NUMBER], ["Status", TEXT], ["Used", NUMBER]],
      codes.map((one) => [el("code", {}, one.code), worth(one), chip(one.status.toLowerCase()), `${one.used} of ${one.usage_limit ?? "∞"}`]),
      "None: an unused one is deleted when its redemption is released."),
    table("Orders", [["Order", TEXT], ["Total", NUMBER], ["Discount", NUMBER], ["Payment", TEXT]],
      orders.map((one) => [one.name, money(one.total), one.discounts.length ? shown(one.discounts.reduce((sum, each) => sum + cents(each.amount), 0)) : "–", chip(one.financial_status)]),
      "None yet."),
    table("Webhook deliveries", [["Topic", TEXT], ["Try", NUMBER], ["Answer", TEXT], ["At", TEXT]],
      deliveries.map((one) => [one.label, one.attempt, chip(one.status ?? one.outcome, one.outcome), atTime(one.at)]),
      "None yet."),
  ];
}
