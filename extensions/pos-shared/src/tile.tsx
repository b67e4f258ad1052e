/** A tile of the home screen: live by signals; the proxy is asked when the customer or what they redeem changes. */
import type {ActionApi, Cart} from '@shopify/ui-extensions/point-of-sale';
import {useEffect, useMemo} from 'preact/hooks';
import type {Overview} from '../../shared/src/client';
import {letGo} from './guard';
import {keep, useLastKnown, type LastKnown} from './last_known';
import {useRead} from './read';
import {quietly} from './quietly';
import {Safe} from './safe';
import {client, customerOn, online, type Till} from './till';
import {words, type Words} from './words';

export type TileTill = Till & ActionApi;

interface Props {
  readonly till: TileTill;
  readonly heading: (say: Words) => string;
  /** What is said below the heading, from what was read. */
  readonly detail: (overview: Overview, say: Words) => string;
  readonly count?: (overview: Overview) => number | null;
  /** Whether it does something for a cart without a customer, such as finding one. */
  readonly finds?: boolean;
  /** Whether its modal puts things on the cart, which have to come off when the customer changes. */
  readonly guards?: boolean;
}

const WAIT_MS = 300;

export function RewardTile(props: Props) {
  const say = useMemo(() => words(props.till), [props.till]);
  const otherwise = (
    <s-tile heading={props.heading(say)} subheading={say.t('refusal.unreadable')} onClick={() => present(props.till)} />
  );
  return (
    <Safe key={customerOn(props.till.cart.current.value)} otherwise={otherwise}>
      <Live {...props} say={say} />
    </Safe>
  );
}

function Live({till, say, heading, detail, count, finds = false, guards = false}: Props & {say: Words}) {
  const api = useMemo(() => client(till), [till]);
  const cart = till.cart.current.value;
  const customer = customerOn(cart);
  const connected = online(till);
  const [reading] = useRead(
    connected ? customer : null,
    async () => {
      const answer = await api.overview(customer ?? '');
      if (answer.ok) await keep(till, customer ?? '', answer.value);
      return answer;
    },
    WAIT_MS,
    redeemed(cart),
  );
  const known = useLastKnown(till, reading.at === 'read' ? null : customer);
  useEffect(() => {
    if (!guards) return;
    void quietly(async () => {
      if (await letGo(till, api)) till.toast.show(say.t('reward.released.customer_changed'));
    }, null);
  }, [customer]);
  const overview = reading.at === 'read' ? reading.value : null;
  const items = overview === null ? null : (count?.(overview) ?? null);
  return (
    <s-tile
      heading={heading(say)}
      subheading={overview !== null ? told(overview, say, detail) : subheading(customer, known, say)}
      disabled={customer === null && !finds}
      tone={customer === null ? 'neutral' : 'accent'}
      {...(items === null ? {} : {itemCount: items})}
      onClick={() => present(till)}
    />
  );
}

function told(overview: Overview, say: Words, detail: Props['detail']): string {
  if (overview.status === 'pending_profile') return say.t('reward.pending');
  return overview.status === 'profile_deleted' ? say.t('pos.deleted') : detail(overview, say);
}

function subheading(customer: string | null, known: LastKnown | null, say: Words): string {
  if (customer === null) return say.t('pos.no_customer');
  return known === null ? '' : say.t('reward.as_of', {time: say.time(known.asOf)});
}

/** What of ours is on the cart: it changes the balance. */
export function redeemed({properties}: Cart): string {
  return Object.keys(properties)
    .filter((name) => name.startsWith('_redemption_'))
    .sort()
    .join();
}

/** A till that cannot open it now has said so itself. */
export function present(till: TileTill): void {
  void quietly(() => till.action.presentModal(), null);
}
