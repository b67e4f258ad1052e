/** Granting what a colleague asked for, signed in as another login than theirs. */
import {useEffect, useRef, useState} from 'preact/hooks';
import type {At} from '../../pos-shared/src/modal';
import {Note} from '../../pos-shared/src/member';
import type {Answer, Approval} from '../../shared/src/client';

export function Approve({at: {client, say}}: {readonly at: At}) {
  const [shown, show] = useState(false);
  const [id, setId] = useState('');
  const [found, setFound] = useState<Approval | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const now = useRef({gone: false, working: false});
  useEffect(() => () => void (now.current.gone = true), []);

  const ask = async (work: () => Promise<Answer<Approval>>) => {
    if (now.current.working) return;
    now.current.working = true;
    setWorking(true);
    const answer = await work();
    now.current.working = false;
    if (now.current.gone) return;
    setWorking(false);
    setFound(answer.ok ? answer.value : null);
    setRefused(
      answer.ok
        ? null
        : answer.refusal.code === 'not_found'
          ? say.t('pos.approve.unknown')
          : say.refusal(answer.refusal).text,
    );
  };

  if (!shown) return <s-button onClick={() => show(true)}>{say.t('pos.approve.heading')}</s-button>;
  return (
    <s-section heading={say.t('pos.approve.heading')}>
      <s-stack gap="base">
        <s-text-field
          label={say.t('pos.approve.id')}
          value={id}
          disabled={working}
          onInput={(event) => setId(event.currentTarget.value ?? '')}
        />
        <s-button
          loading={working}
          disabled={working || id.trim() === ''}
          onClick={() => void ask(() => client.approval(id.trim()))}
        >
          {say.t('pos.approve.look')}
        </s-button>
        {refused === null ? null : <Note tone="warning" text={refused} />}
        {found === null ? null : (
          <s-stack gap="small">
            <s-text type="strong">{say.t('pos.approve.what', {amount: say.money(found.amount)})}</s-text>
            <s-badge tone={found.state === 'granted' ? 'success' : 'neutral'}>
              {say.t(`pos.approve.state.${found.state}`)}
            </s-badge>
            {found.state === 'pending' ? (
              <s-button
                variant="primary"
                loading={working}
                disabled={working}
                onClick={() => void ask(() => client.approve(found.id))}
              >
                {say.t('pos.approve.grant', {amount: say.money(found.amount)})}
              </s-button>
            ) : null}
          </s-stack>
        )}
      </s-stack>
    </s-section>
  );
}
