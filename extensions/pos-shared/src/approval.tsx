/** Waiting for a colleague: the id to show, and what became of it. */
import {useEffect, useState} from 'preact/hooks';
import type {Approval as Asked, StaffClient} from '../../shared/src/client';
import type {Words} from './words';

interface Props {
  readonly id: string;
  readonly client: StaffClient;
  readonly say: Words;
  /** Called once, when a colleague has granted it. */
  readonly granted: () => void;
}

const EVERY_MS = 5_000;

export function Approval({id, client, say, granted}: Props) {
  const [state, setState] = useState<Asked['state']>('pending');
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const answer = await client.approval(id);
      if (gone) return;
      const now = answer.ok ? answer.value.state : 'pending';
      setState(now);
      if (now === 'granted') granted();
      else if (now === 'pending') timer = setTimeout(() => void look(), EVERY_MS);
    };
    timer = setTimeout(() => void look(), EVERY_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [id]);
  if (state === 'expired' || state === 'used') return <s-text>{say.t('refusal.approval_invalid')}</s-text>;
  return (
    <s-stack gap="small">
      <s-text>{say.t('pos.approval.show')}</s-text>
      <s-heading>{id}</s-heading>
      <s-text color="subdued">
        {state === 'granted' ? say.t('pos.approval.granted') : say.t('pos.approval.waiting')}
      </s-text>
    </s-stack>
  );
}
