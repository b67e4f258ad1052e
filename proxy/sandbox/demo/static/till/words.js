// Answers in words: refusals with the numbers behind them, ages, and what a benefit does.
import { cents, shown } from "../money.js";

const ENVELOPE = new Set(["type", "title", "status", "code", "retryable", "last_known", "instance", "detail"]);
const GIVES = {
  free_product: "A free product", free_shipping: "Free shipping", code: "The shop’s own code", record: "Handed over at the till",
};
const NO_CONNECTION = "Rewards need a connection.";

export const spaced = (name) => String(name).replaceAll("_", " ");
export const money = (value) => shown(cents(typeof value === "object" ? value.amount : value));

// The code is what an integrator looks up, so it is shown beside the text.
export function refusal({ status, body }) {
  if (!status) return NO_CONNECTION;
  const facts = Object.entries(body ?? {}).filter(([name]) => !ENVELOPE.has(name)).map(fact);
  const known = body?.last_known ? [lastKnown(body.last_known.available, body.last_known.as_of)] : [];
  const code = body?.code ? ` (${body.code})` : "";
  return [`${body?.title ?? `The proxy answered ${status}.`}${code}`, ...facts.filter(Boolean), ...known].join(" ");
}

export function lastKnown(available, at) {
  return `Last known: ${money(available)}, ${age(at)}.`;
}

export function age(at) {
  const seconds = Math.max(0, Math.round((Date.now() - new Date(at)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;
}

export function effect(benefit) {
  const { kind, percent, amount, on } = benefit.effect ?? {};
  if (!kind) return null;
  if (GIVES[kind]) return amount ? `${GIVES[kind]}, worth ${money(amount)}` : GIVES[kind];
  const off = percent ? `${Number(percent)} % off` : amount ? `${money(amount)} off` : spaced(kind);
  return on && on !== "order" ? `${off} some ${spaced(on)}` : off;
}

function fact([name, value]) {
  if (value === null || value === "") return null;
  if (typeof value !== "object") return `${capital(spaced(name))}: ${value}.`;
  return value.amount ? `${capital(spaced(name))}: ${money(value)}.` : null;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
