/** A benefit on offer, and a tap that claims it once. */
import {useEffect, useRef, useState} from 'preact/hooks';
import {Note, type Member} from '../../pos-shared/src/member';
import {newId} from '../../pos-shared/src/till';
import type {Benefits} from '../../shared/src/client';

interface Props {
  readonly offer: Benefits['claimable'][number];
  readonly member: Member;
  readonly claimed: () => void;
}

export function Claimable({offer, member, claimed}: Props) {
  const {till, client, customer, say} = member;
  const [working, setWorking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  // The key stays until an answer came: a second tap after a lost one claims nothing twice.
  const now = useRef<{gone: boolean; working: boolean; key: string | null}>({gone: false, working: false, key: null});
  useEffect(() => () => void (now.current.gone = true), []);

  const claim = async () => {
    if (now.current.working) return;
    now.current.working = true;
    setWorking(true);
    const key = (now.current.key ??= newId());
    const answer = await client.claim(customer, offer.handle, key, String(till.session.deviceId));
    now.current.working = false;
    if (answer.ok || !answer.refusal.unknown) now.current.key = null;
    if (now.current.gone) return;
    setWorking(false);
    setRefused(answer.ok ? null : say.refusal(answer.refusal).text);
    if (answer.ok) claimed();
  };

  return (
    <s-section heading={offer.name}>
      <s-stack gap="small">
        {offer.description === null ? null : <s-text>{offer.description}</s-text>}
        {offer.claim_until === null ? null : (
          <s-text color="subdued">{say.t('pos.benefits.until', {date: say.day(offer.claim_until)})}</s-text>
        )}
        {offer.terms === null ? null : (
          <s-text color="subdued" type="small">
            {offer.terms}
          </s-text>
        )}
        {refused === null ? null : <Note tone="critical" text={refused} />}
        <s-button loading={working} disabled={working} onClick={() => void claim()}>
          {say.t('pos.benefits.claim')}
        </s-button>
      </s-stack>
    </s-section>
  );
}
