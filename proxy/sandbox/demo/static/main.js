// Puts the page together: the shop on the left, and a poll that keeps the right side live.
import { demo, sandbox } from "./api.js";
import { Cart } from "./cart.js";
import { config } from "./config.js";
import { byId, el, show } from "./dom.js";
import { Faults } from "./faults.js";
import { Ledger } from "./ledger.js";
import { cents, shown } from "./money.js";
import { forget, keep, session } from "./session.js";
import { Omneo, Shopify } from "./sides.js";
import { Snippet } from "./snippet.js";
import { pause } from "./times.js";

const EVERY_MS = 700;
const GUEST = "guest";

const cart = new Cart(() => snippet.draw());
const snippet = new Snippet(cart);
const ledger = new Ledger(() => void snippet.refresh());
const watched = [ledger, new Omneo(), new Shopify(), new Faults()];

async function start() {
  const { variants, customers } = (await sandbox.read("shopify", "/catalog")).body;
  if (session.customer === null && session.cart === null) keep({ customer: config.customer });
  byId("customer").replaceChildren(
    ...customers.map((one) => el("option", { value: one.id }, `${one.first_name} ${one.last_name}`)),
    el("option", { value: GUEST }, "Nobody (guest)"));
  byId("customer").value = session.customer ?? GUEST;
  await cart.open(variants, session.customer);
  await showOrder();
  await snippet.renew();
  void watch();
}

async function watch() {
  for (let round = 0; ; round++) {
    if (!document.hidden) {
      await Promise.all([...watched.map((one) => one.poll()), showStatus(), round % 3 ? null : snippet.refresh()]);
    }
    await pause(EVERY_MS);
  }
}

async function showStatus() {
  const { ok, body } = await demo.status();
  const pill = byId("proxy-status");
  const text = !ok ? "The demo has ended" : body.ready ? `Proxy runs · pid ${body.pid}` : "Proxy is starting again…";
  if (pill.textContent !== text) pill.textContent = text;
  pill.dataset.kind = ok && body.ready ? "good" : "bad";
  const starts = ok && body.starts > 1 ? ` (started ${body.starts} times so far)` : "";
  byId("kill-hint").textContent = ok && body.pid ? `Or kill the proxy at any moment: kill -9 ${body.pid}${starts}` : "";
}

async function showOrder() {
  const answer = session.order && (await sandbox.read("shopify", `/orders/${session.order}`));
  const order = answer?.ok ? answer.body : null;
  show(byId("thanks"), Boolean(order));
  show(byId("order-row"), !order);
  byId("cart-title").textContent = order ? `Your order ${order.name}` : "Your cart";
  cart.lock(Boolean(order));
  snippet.draw();
  if (!order) return;
  cart.showOrder(order);
  const off = cents(order.total_discounts);
  byId("thanks-title").textContent = `Thank you: order ${order.name}`;
  byId("thanks-text").textContent =
    `Total ${shown(cents(order.total_price))}${off ? `, after ${shown(off)} of rewards` : ""}. Payment is ${order.financial_status}.`;
  show(byId("pay"), order.financial_status === "pending");
}

byId("customer").addEventListener("change", async () => {
  const value = byId("customer").value;
  keep({ customer: value === GUEST ? null : Number(value), following: null });
  await cart.renew(session.customer);
  await showOrder();
  await snippet.renew();
});

byId("place").addEventListener("click", async () => {
  byId("place").disabled = true;
  const answer = await cart.order(!byId("pending").checked);
  byId("place").disabled = false;
  byId("cart-message").textContent = answer.ok ? "" : `The order was not placed: ${answer.body?.message ?? "the shop does not answer"}.`;
  if (!answer.ok) return cart.read();
  await showOrder();
  byId("thanks-title").focus();
});

byId("pay").addEventListener("click", async () => {
  await sandbox.send("shopify", `/orders/${session.order}/pay`);
  await showOrder();
});

byId("new-cart").addEventListener("click", async () => {
  await cart.renew(session.customer);
  await showOrder();
  await snippet.renew();
});

byId("start-over").addEventListener("click", async () => {
  byId("start-over").disabled = true;
  byId("start-over").textContent = "Starting over…";
  await demo.startOver();
  forget();
  location.reload();
});

void start();
