// Money as whole cents: the wire has text, and floats would lose cents.
import { config } from "./config.js";

const format = new Intl.NumberFormat("en-AU", { style: "currency", currency: config.currency });

export function cents(text) {
  const found = /^\s*\$?(\d{1,7})(?:[.,](\d{1,2}))?\s*$/.exec(String(text));
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

export const plain = (amount) => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;
export const shown = (amount) => format.format(plain(amount));
export const wire = (amount) => ({ amount: plain(amount), currencyCode: config.currency });
