/** What every modal begins with: who is on the cart and what the proxy says of them, or why nothing is shown. */
import type {ComponentChildren} from 'preact';
import {useEffect} from 'preact/hooks';
import type {Overview, Refusal} from '../../shared/src/client';
import {keep, useLastKnown} from './last_known';
import {Lookup} from './lookup';
import {useRead} from './read';
import type {At} from './modal';
import {editable, online} from './till';

export interface Member extends At {
  readonly customer: string;
  readonly overview: Overview;
  /** Reads again, as after a redemption. */
  readonly again: () => void;
}

interface Props {
  readonly at: At;
  readonly customer: string | null;
  readonly children: (member: Member) => ComponentChildren;
}

const OFFLINE: Refusal = {code: 'offline', facts: {}, retryable: true, retryAfterS: null, unknown: false};

export function WithMember({at, customer, children}: Props) {
  const {till, client, say} = at;
  const connected = online(till);
  const [reading, again] = useRead(customer, async () => {
    if (!online(till)) return {ok: false, refusal: OFFLINE} as const;
    const answer = await client.overview(customer ?? '');
    if (answer.ok) await keep(till, customer ?? '', answer.value);
    return answer;
  });
  useEffect(() => {
    if (connected && reading.at === 'refused') again();
  }, [connected]);
  if (customer === null) {
    return editable(till.cart.current.value) ? (
      <Lookup at={at} />
    ) : (
      <Note tone="info" text={say.t('refusal.not_editable')} />
    );
  }
  if (reading.at === 'reading') return <s-spinner accessibilityLabel={say.t('reward.loading')} />;
  if (reading.at === 'refused') return <Unread at={at} customer={customer} refusal={reading.refusal} again={again} />;
  const overview = reading.value;
  if (overview.status === 'pending_profile') return <Note tone="info" text={say.t('reward.pending')} />;
  if (overview.status === 'profile_deleted') return <Note tone="info" text={say.t('pos.deleted')} />;
  return (
    <s-stack gap="base">
      {connected ? null : <Note tone="warning" text={say.t('refusal.offline')} />}
      {overview.status === 'profile_inactive' ? <Note tone="warning" text={say.t('refusal.profile_inactive')} /> : null}
      {overview.stale && overview.as_of ? (
        <Note tone="info" text={say.t('reward.as_of', {time: say.time(overview.as_of)})} />
      ) : null}
      {children({till, say, client, customer, overview, again})}
    </s-stack>
  );
}

export function Note({
  tone,
  text,
}: {
  readonly tone: 'info' | 'success' | 'warning' | 'critical';
  readonly text: string;
}) {
  return <s-banner tone={tone} heading={text} />;
}

interface NotReadProps extends Pick<At, 'say'> {
  readonly refusal: Refusal;
  readonly again: () => void;
}

/** Why nothing could be read, and another try where it may help. */
export function NotRead({say, refusal, again}: NotReadProps) {
  const {text, may} = say.refusal(refusal);
  return (
    <s-stack gap="base">
      <Note tone={refusal.code === 'offline' ? 'warning' : 'critical'} text={text} />
      {may === 'nothing' ? null : <s-button onClick={again}>{say.t('reward.again')}</s-button>}
    </s-stack>
  );
}

/** Beside it what was last known. */
function Unread({at: {till, say}, customer, refusal, again}: Omit<NotReadProps, 'say'> & {at: At; customer: string}) {
  const known = useLastKnown(till, customer);
  return (
    <s-stack gap="base">
      <NotRead say={say} refusal={refusal} again={again} />
      {known === null ? null : (
        <s-section heading={say.t('reward.available', {amount: say.money(known.available)})}>
          <s-text>{say.t('reward.as_of', {time: say.time(known.asOf)})}</s-text>
        </s-section>
      )}
    </s-stack>
  );
}
