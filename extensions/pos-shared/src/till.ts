/** What the extensions use of a till, and what they read of it. Shopify's global is handed in, never looked for. */
import type {Cart, CartApi, ScannerApi, StandardApi} from '@shopify/ui-extensions/point-of-sale';
import {staffClient, type Declared, type StaffClient} from '../../shared/src/client';
import {PROXY_URL} from '../../shared/src/config';

export type Till = Pick<StandardApi<string>, 'connectivity' | 'i18n' | 'session' | 'storage' | 'toast'> & CartApi;
export type ScanningTill = Till & ScannerApi;

/** The customer on a cart, as the proxy names one. */
export function customerOn(cart: Cart): string | null {
  return cart.customer?.id === undefined ? null : String(cart.customer.id);
}

export function online(till: Pick<Till, 'connectivity'>): boolean {
  return till.connectivity.current.value.internetConnected !== 'Disconnected';
}

/** Returns and exchanges have a cart that must not be touched; older devices do not say. */
export function editable(cart: Cart): boolean {
  return cart.editable !== false;
}

export function client(till: Till): StaffClient {
  return staffClient({
    url: PROXY_URL,
    token: () => till.session.getSessionToken(),
    fetch: (url, request) => fetch(url, request),
  });
}

/** Asked for at each request: staff change at a till without a new login. */
export function declared(till: Till, customer: string): Declared {
  const {currentSession, deviceId, staffMember} = till.session;
  const staff = staffMember.value?.id;
  return {
    customer_id: customer,
    location_id: String(currentSession.locationId),
    device_id: String(deviceId),
    staff_id: staff === undefined ? undefined : String(staff),
  };
}

/** Only has to differ from others; some devices run extensions where `crypto` has no `randomUUID`. */
export function newId(): string {
  if (typeof crypto !== 'undefined' && typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}-${part()}-${part()}`;
}
