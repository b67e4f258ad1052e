/** Finding who is at the till by a code that is scanned or typed, and putting them on the cart. */
import {useEffect, useRef, useState} from 'preact/hooks';
import type {Lookup as Found} from '../../shared/src/client';
import {quietly} from './quietly';
import type {At} from './modal';
import type {Words} from './words';

export function Lookup({at}: {readonly at: At}) {
  const {till, say} = at;
  const [code, setCode] = useState('');
  const [text, setText] = useState<string | null>(null);
  const [looking, setLooking] = useState(false);
  const last = useRef({gone: false, looking: false});
  useEffect(() => () => void (last.current.gone = true), []);

  const look = async (wanted: string) => {
    if (wanted.trim() === '' || last.current.looking) return;
    last.current.looking = true;
    setLooking(true);
    const said = await choose(at, wanted.trim());
    last.current.looking = false;
    if (last.current.gone) return;
    setLooking(false);
    setText(said);
  };

  const scanned = till.scanner.scannerData.current.value;
  // What was scanned before is somebody else, perhaps just taken off the cart.
  const earlier = useRef(scanned);
  useEffect(() => {
    if (scanned !== earlier.current && scanned.data) void look(scanned.data);
  }, [scanned]);

  return (
    <s-section heading={say.t('pos.lookup.heading')}>
      <s-stack gap="base">
        <s-text>{say.t('pos.lookup.how')}</s-text>
        <s-text-field
          label={say.t('pos.lookup.code')}
          value={code}
          disabled={looking}
          onInput={(event) => setCode(event.currentTarget.value ?? '')}
        />
        <s-button
          variant="primary"
          loading={looking}
          disabled={looking || code.trim() === ''}
          onClick={() => void look(code)}
        >
          {say.t('pos.lookup.find')}
        </s-button>
        {till.scanner.sources.current.value.includes('camera') ? (
          <s-button onClick={() => void quietly(() => till.scanner.showCameraScanner(), null)}>
            {say.t('pos.lookup.scan')}
          </s-button>
        ) : null}
        {text === null ? null : <s-banner tone="info" heading={text} />}
      </s-stack>
    </s-section>
  );
}

/** Gives what the cashier is told; null where the customer is on the cart now, which says enough. */
async function choose({till, client, say}: At, code: string): Promise<string | null> {
  const answer = await client.lookUp(code);
  if (!answer.ok)
    return answer.refusal.code === 'not_found' ? say.t('pos.lookup.off') : say.refusal(answer.refusal).text;
  const id = numberOf(answer.value);
  if (id === null) return nobody(answer.value, say);
  const set = await quietly(() => till.cart.setCustomer({id}).then(() => true), false);
  return set ? null : say.t('pos.lookup.not_set');
}

function numberOf({customer_id}: Found): number | null {
  const id = Number(customer_id?.split('/').pop() ?? Number.NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

function nobody({status}: Found, say: Words): string {
  return status === 'profile_unknown' ? say.t('pos.lookup.unknown') : say.t('pos.lookup.no_customer');
}
