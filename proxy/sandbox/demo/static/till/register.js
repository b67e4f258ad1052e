// Where the till stands, who is signed in and on which device: declared to the proxy, and printed on the sale.
import { byId, el } from "../dom.js";
import { keep, session } from "./session.js";

const NAMES = ["location", "staff", "device"];

export class Register {
  constructor({ locations, staff, devices }, moved) {
    const listed = { location: locations, staff, device: devices };
    for (const name of NAMES) {
      byId(name).replaceChildren(...listed[name].map((one) => el("option", { value: one.id }, one.name)));
      if (!listed[name].some((one) => one.id === session[name])) keep({ [name]: listed[name][0].id });
      byId(name).value = session[name];
      byId(name).addEventListener("change", () => {
        keep({ [name]: Number(byId(name).value) });
        moved();
      });
    }
  }

  // As Shopify's order names them.
  get sold() {
    return { location_id: session.location, user_id: session.staff, device_id: session.device };
  }

  // As the proxy is told them.
  get declared() {
    return { location_id: String(session.location), staff_id: String(session.staff), device_id: String(session.device) };
  }
}
