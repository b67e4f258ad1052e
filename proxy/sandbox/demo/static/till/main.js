// Puts the till together: the cart on the left, the customer's loyalty on the right, and a poll that keeps it live.
import { sandbox } from "../api.js";
import { byId, el, show } from "../dom.js";
import { shown, cents } from "../money.js";
import { pause } from "../times.js";
import { Cart } from "./cart.js";
import { Keypad } from "./keypad.js";
import { Lookup } from "./lookup.js";
import { Member } from "./member.js";
import { Receipt, soldCards } from "./receipt.js";
import { Redemptions } from "./redemptions.js";
import { Register } from "./register.js";
import { keep, session } from "./session.js";
import { Tabs } from "./tabs.js";

const EVERY_MS = 800;
const VIEWS = ["cart", "receipt", "sold-list"];

const catalog = (await sandbox.read("shopify", "/catalog")).body;
const register = new Register(catalog, () => void cart.moveRegister());
const cart = new Cart(catalog.variants, register, () => draw());
const redemptions = new Redemptions(cart, register, () => {
  draw();
  void refresh();
});
const member = new Member(() => draw());
const tabs = new Tabs(member, redemptions, () => redemptions.busy || !selling());
const lookup = new Lookup(catalog.customers, (customer) => void choose(customer));
const receipt = new Receipt(register);
const keypad = new Keypad(byId("keys"), byId("amount"), () => void all());

function view(name) {
  for (const one of VIEWS) show(byId(one), one === name);
  draw();
}

// Nothing is redeemed on a cart that has become a sale.
function selling() {
  return !byId("cart").hidden && !cart.empty;
}

function draw() {
  tabs.draw();
  redemptions.draw();
  const usable = Math.min(member.available, cart.subtotal);
  if (keypad.untouched && !redemptions.busy) keypad.suggest(usable);
  byId("apply").textContent = redemptions.busy ? "One moment…" : "Redeem";
  byId("apply").disabled = redemptions.busy || !selling();
  byId("charge").disabled = redemptions.busy || cart.empty;
  byId("change").disabled = byId("clear").disabled = byId("park").disabled = redemptions.busy;
}

function refresh() {
  return Promise.all([member.refresh(), tabs.refresh()]);
}

async function all() {
  const most = await redemptions.most();
  keypad.suggest(most ?? Math.min(member.available, cart.subtotal));
}

async function choose(customer) {
  await redemptions.removeAll();
  await cart.setCustomer(customer);
  redemptions.say("");
  await member.show(customer, lookup.name(customer));
}

async function start(opening) {
  await opening;
  receipt.close();
  view("cart");
  byId("cart-message").textContent = "";
  redemptions.say("");
  await Promise.all([member.show(cart.customer, lookup.name(cart.customer)), drawParked()]);
}

async function drawParked() {
  const answer = await sandbox.read("shopify", "/pos/carts");
  const parked = answer.ok ? answer.body.carts : [];
  show(byId("parked"), parked.length > 0);
  byId("parked").replaceChildren(...parked.map((one) => el("button", { type: "button", class: "plain", onclick: () => void takeUp(one.token) },
    `Parked: ${lookup.name(one.customer_id) || "nobody"}, ${shown(cents(one.total))}`)));
}

async function takeUp(token) {
  if (!cart.empty) return say("Finish or park this cart first.");
  const { [token]: applied = [], ...others } = session.shelf;
  await cart.abandon();
  await start(cart.resume(token));
  keep({ applied: cart.token === token ? applied : [], shelf: others });
  return draw();
}

async function showReceipt(order) {
  view("receipt");
  await receipt.open(order);
  byId("receipt-title").focus();
}

function say(text) {
  byId("cart-message").textContent = text;
}

byId("redeem-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void redemptions.redeem(byId("amount").value);
});
byId("change").addEventListener("click", () => void choose(null));
byId("clear").addEventListener("click", async () => {
  await redemptions.removeAll();
  await cart.abandon();
  await start(cart.renew());
});
byId("park").addEventListener("click", async () => {
  if (cart.empty) return say("There is nothing to park.");
  keep({ shelf: { ...session.shelf, [cart.token]: session.applied } });
  await cart.park();
  return start(cart.renew());
});
byId("charge").addEventListener("click", async () => {
  byId("charge").disabled = true;
  const answer = await cart.sell();
  if (!answer.ok) return say(`Not sold: ${answer.body?.message ?? "the shop does not answer"}.`);
  const { id } = answer.body;
  keep({ sales: { ...session.sales, [id]: session.applied.map((one) => one.id) }, applied: [] });
  redemptions.say("");
  keypad.suggest(0);
  return showReceipt(id);
});
byId("sales").addEventListener("click", () => {
  view("sold-list");
  void soldCards(showReceipt);
});
byId("back").addEventListener("click", () => view("cart"));
// A receipt of an earlier sale may have been looked at while a cart is open.
byId("new-sale").addEventListener("click", () => void start(cart.sold ? cart.renew() : Promise.resolve()));

await start(cart.open());
for (let round = 0; ; round++) {
  if (!document.hidden) await Promise.all([redemptions.poll(), receipt.poll(), round % 3 ? null : refresh()]);
  await pause(EVERY_MS);
}
