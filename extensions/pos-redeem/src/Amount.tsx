/** Any part of the balance: typed or tapped, with what stands against it said before the tap. */
import {useRef, useState} from 'preact/hooks';
import type {Desk} from '../../pos-shared/src/desk';
import {FlowView} from '../../pos-shared/src/flow_view';
import {Note, type Member} from '../../pos-shared/src/member';
import {isNothing} from '../../pos-shared/src/standing';
import type {Quote, Refusal} from '../../shared/src/client';
import {decimal, least, money, wire, type Money} from '../../shared/src/money';
import {choices, typed} from './choices';
import {useQuote} from './quote';

interface Props {
  readonly member: Member;
  readonly desk: Desk;
  readonly can: boolean;
}

export function Amount({member, desk, can}: Props) {
  const {till, say, overview} = member;
  const stage = desk.stage('amount').value;
  const view = <FlowView desk={desk} subject="amount" member={member} />;
  if (!can || !overview.balance || stage.at === 'applied') return view;
  const available = money(overview.balance.available);
  if (isNothing(overview.balance.available.amount)) {
    return (
      <s-stack gap="base">
        <Note tone="info" text={say.t('reward.none')} />
        {view}
      </s-stack>
    );
  }
  if (available.currency !== till.session.currentSession.currency) {
    return <Note tone="warning" text={say.t('refusal.currency_mismatch')} />;
  }
  return (
    <s-stack gap="base">
      <Form member={member} desk={desk} available={available} />
      {view}
    </s-stack>
  );
}

function Form({member, desk, available}: {member: Member; desk: Desk; available: Money}) {
  const {till, say} = member;
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const cart = till.cart.current.value;
  const amount = typed(text, available.currency);
  const quote = useQuote(desk, amount, reason.trim(), `${cart.grandTotal} ${cart.lineItems.length}`);
  // What the last quote allowed stays, while another one is on its way.
  const allowed = useRef(available);
  if (quote !== null) allowed.current = money(quote.maximum);
  const most = least(allowed.current, available);
  const against = amount === null || quote === null ? null : verdict(quote);
  const stage = desk.stage('amount').value;
  const needsReason =
    [against?.code, stage.at === 'refused' ? stage.refusal.code : ''].includes('reason_required') || reason !== '';
  const working = desk.working.value;
  const stops = amount === null || (against !== null && against.code !== 'approval_required');
  return (
    <s-section heading={say.t('reward.amount')}>
      <s-stack gap="base">
        <s-stack direction="inline" gap="small">
          {choices(most).map((each, nth) => (
            <s-button key={each.minor} disabled={working} onClick={() => setText(decimal(each))}>
              {nth === 0 ? say.t('reward.use_all', {amount: say.money(each)}) : say.money(each)}
            </s-button>
          ))}
        </s-stack>
        <s-number-field
          label={say.t('reward.amount')}
          inputMode="decimal"
          value={text}
          disabled={working}
          error={text !== '' && amount === null ? say.t('reward.invalid') : ''}
          onInput={(event) => setText(event.currentTarget.value ?? '')}
        />
        {needsReason ? (
          <s-text-field
            label={say.t('pos.redeem.reason')}
            details={say.t('pos.redeem.reason_how')}
            value={reason}
            maxLength={200}
            disabled={working}
            onInput={(event) => setReason(event.currentTarget.value ?? '')}
          />
        ) : null}
        {against === null ? null : <s-text tone="warning">{say.refusal(against).text}</s-text>}
        <s-button
          variant="primary"
          loading={working}
          disabled={working || stops}
          onClick={() =>
            void (amount !== null && desk.redeem('amount', {amount: wire(amount), reason: reason.trim() || undefined}))
          }
        >
          {amount === null ? say.t('reward.apply') : say.t('reward.apply_amount', {amount: say.money(amount)})}
        </s-button>
      </s-stack>
    </s-section>
  );
}

/** Why an amount would be refused now, as a refusal. */
function verdict(quote: Quote): Refusal | null {
  const found = quote.verdicts.find((each) => each.of === 'amount' && !each.allowed);
  if (!found?.code) return null;
  return {code: found.code, facts: found.facts, retryable: false, retryAfterS: null, unknown: false};
}
