// Finding who is at the till: by a member code, or in the shop's list of customers.
import { proxyAtTill } from "../api.js";
import { byId, el } from "../dom.js";
import { session } from "./session.js";
import { refusal, spaced } from "./words.js";

export class Lookup {
  #customers;
  #choose;

  constructor(customers, choose) {
    this.#customers = customers;
    this.#choose = choose;
    byId("people").replaceChildren(...customers.map((one) => this.#card(one)));
    byId("lookup-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#find(byId("code").value.trim());
    });
  }

  name(id) {
    const found = this.#customers.find((one) => one.id === id);
    return found ? fullName(found) : "";
  }

  #card(one) {
    const initials = one.first_name.charAt(0) + one.last_name.charAt(0);
    return el("li", {}, el("button", { type: "button", class: "person", onclick: () => this.#choose(one.id) },
      el("span", { class: "avatar", "aria-hidden": "true" }, initials), el("b", {}, fullName(one))));
  }

  async #find(code) {
    if (!code) return this.#say("Scan or type a code.");
    this.#say("Looking…");
    const answer = await proxyAtTill(session.staff, "POST", "/v1/pos/lookups", { body: { code } });
    if (!answer.ok) return this.#say(refusal(answer));
    const { status, customer_id: customer, profile } = answer.body;
    if (!customer) return this.#say(`${nobody(status, profile)} (${status})`);
    byId("code").value = "";
    this.#say("");
    return this.#choose(Number(String(customer).split("/").pop()));
  }

  #say(text) {
    byId("lookup-message").textContent = text;
  }
}

function nobody(status, profile) {
  if (status === "profile_unknown") return "Nobody carries that code.";
  const who = profile ? `${fullName(profile)} has` : "Whoever carries that code has";
  return status === "no_customer" ? `${who} no customer account in this shop.` : `${who} no rewards to use: ${spaced(status)}.`;
}

const fullName = (one) => `${one.first_name} ${one.last_name}`;
