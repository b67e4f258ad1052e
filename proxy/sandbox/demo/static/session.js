// What a browser tab remembers across a reload: who is signed in, the cart, and the redemptions made here.
const NAME = "demo";
const empty = () => ({ customer: null, cart: null, order: null, redemptions: [], following: null, attempt: null });

export const session = { ...empty(), ...JSON.parse(sessionStorage.getItem(NAME) ?? "{}") };

export function keep(changes) {
  Object.assign(session, changes);
  sessionStorage.setItem(NAME, JSON.stringify(session));
}

export function forget() {
  keep(empty());
}

// `cart` is null for a redemption that was made somewhere else.
export function remember(id, cart = session.cart) {
  const known = session.redemptions.some((one) => one.id === id);
  const one = { id, customer: session.customer, cart, state: null };
  keep({ redemptions: known ? session.redemptions : [...session.redemptions, one], following: id });
}
