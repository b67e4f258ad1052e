// Calls to the three servers. The proxy is called as a checkout or a till does: with an ID token from Shopify.
import { config } from "./config.js";
import { pause } from "./times.js";

const TIMEOUT_MS = 12_000;
const TOKEN_AGE_MS = 60_000;
const TILL_TOKEN_AGE_MS = 30_000;
const PATIENCE_MS = 30_000;
const WAITS_MS = [300, 600, 1000, 2000];

// Answers with status 0 when no usable answer came.
async function ask(url, options = {}) {
  try {
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, body: text ? JSON.parse(text) : null };
  } catch {
    return { ok: false, status: 0, body: null };
  }
}

const json = (method, body) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const sandbox = {
  read: (side, path) => ask(`${config[side]}/_sandbox${path}`),
  send: (side, path, body = {}) => ask(`${config[side]}/_sandbox${path}`, json("POST", body)),
  clear: (side, path) => ask(`${config[side]}/_sandbox${path}`, { method: "DELETE" }),
};

export const demo = {
  status: () => ask("/demo/status"),
  startOver: () => ask("/demo/reset", { method: "POST" }),
};

const tokens = new Map();

async function token(asked, ageMs) {
  const kept = tokens.get(asked);
  if (kept && Date.now() - kept.at < ageMs) return kept.token;
  const answer = await sandbox.read("shopify", `/tokens?${asked}`);
  if (!answer.ok) return null;
  tokens.set(asked, { token: answer.body.token, at: Date.now() });
  return answer.body.token;
}

async function call(bearer, method, path, { key, body } = {}) {
  const headers = { Authorization: `Bearer ${bearer}` };
  if (key) headers["Idempotency-Key"] = key;
  if (body) headers["Content-Type"] = "application/json";
  return ask(config.proxy + path, { method, headers, body: body && JSON.stringify(body) });
}

export async function proxy(customer, method, path, more) {
  const who = customer === null ? "" : `&customer_id=${customer}`;
  return call(await token(`surface=checkout${who}`, TOKEN_AGE_MS), method, path, more);
}

export async function proxyAtTill(staff, method, path, more) {
  return call(await token(`surface=pos&user_id=${staff}`, TILL_TOKEN_AGE_MS), method, path, more);
}

// A lost answer and a "try again" are met with the same request and the same key, which cannot spend twice.
export async function untilAnswered(attempt, waiting, patienceMs = PATIENCE_MS) {
  const deadline = Date.now() + patienceMs;
  for (let tries = 0; ; tries++) {
    const answer = await attempt();
    const again = answer.status === 0 || answer.body?.retryable === true;
    if (!again || Date.now() > deadline) return answer;
    waiting(answer);
    await pause(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
  }
}
