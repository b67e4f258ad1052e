// What the till remembers across a reload: where it stands, its cart, what is on it, and what was last known of whom.
const NAME = "till";
const empty = {
  location: null, staff: null, device: null, cart: null, applied: [], shelf: {}, sales: {}, attempt: null, known: {},
};

export const session = { ...empty, ...JSON.parse(sessionStorage.getItem(NAME) ?? "{}") };

export function keep(changes) {
  Object.assign(session, changes);
  sessionStorage.setItem(NAME, JSON.stringify(session));
}
