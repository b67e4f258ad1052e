// Switches for what goes wrong; the simulators' own list of faults is the truth that they show.
import { sandbox } from "./api.js";
import { byId, el } from "./dom.js";

const SWITCHES = [
  {
    id: "drop-redeem", side: "omneo", label: "Lose Omneo’s next answer to a redeem",
    hint: "Omneo spends, nobody hears it: the proxy looks before it asks again.",
    fault: { route: "POST /api/v3/profiles/*/redeem", kind: "drop_after", times: 1 },
  },
  {
    id: "omneo-down", side: "omneo", label: "Omneo is down (503)",
    hint: "Balances go stale, orders wait until it is back.",
    fault: { route: "* /api/*", kind: "server_error", status: 503, times: null },
  },
  {
    id: "shopify-slow", side: "shopify", label: "Shopify is slow (+1.5 s a call)",
    hint: "Apply takes its time; a second tap changes nothing.",
    fault: { route: "* /admin/*", kind: "latency", latency_ms: 1500, times: null },
  },
  { id: "duplicate", side: "shopify", label: "Every webhook comes twice", hint: "Each is stored once.", mode: "duplicate" },
];

export class Faults {
  #on = {};

  constructor() {
    byId("faults").replaceChildren(...SWITCHES.map((one) => this.#row(one)));
  }

  async poll() {
    const [omneo, shopify, deliveries] = await Promise.all([
      sandbox.read("omneo", "/faults"), sandbox.read("shopify", "/faults"), sandbox.read("shopify", "/deliveries"),
    ]);
    if (!omneo.ok || !shopify.ok || !deliveries.ok) return;
    const listed = { omneo: omneo.body.faults, shopify: shopify.body.faults };
    for (const one of SWITCHES) {
      this.#on[one.id] = one.mode ? deliveries.body[one.mode] : listed[one.side].some((fault) => same(fault, one.fault));
      byId(one.id).checked = this.#on[one.id];
    }
  }

  #row(one) {
    const box = el("input", { type: "checkbox", role: "switch", id: one.id, "aria-describedby": `${one.id}-hint`, onchange: () => this.#turn(one, box.checked) });
    return el("div", { class: "fault" }, box, el("label", { for: one.id }, one.label), el("span", { class: "muted", id: `${one.id}-hint` }, one.hint));
  }

  async #turn(one, on) {
    this.#on[one.id] = on;
    if (one.mode) {
      await sandbox.send(one.side, "/deliveries", { [one.mode]: on });
    } else {
      // Faults are cleared all at once, so those of this side that stay are put back.
      await sandbox.clear(one.side, "/faults");
      for (const other of SWITCHES) {
        if (other.fault && other.side === one.side && this.#on[other.id]) await sandbox.send(one.side, "/faults", other.fault);
      }
    }
    await this.poll();
  }
}

const same = (active, fault) => active.route === fault.route && active.kind === fault.kind;
