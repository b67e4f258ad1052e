/** A modal's frame. */
import type {ComponentChildren} from 'preact';
import {useMemo} from 'preact/hooks';
import type {StaffClient} from '../../shared/src/client';
import {Note, WithMember, type Member} from './member';
import {Safe} from './safe';
import {client, customerOn, type ScanningTill} from './till';
import {words, type Words} from './words';

export interface At {
  readonly till: ScanningTill;
  readonly client: StaffClient;
  readonly say: Words;
}

interface Props {
  readonly till: ScanningTill;
  readonly heading: string;
  /** Whom it is about; the customer on the cart unless told. */
  readonly customer?: string;
  /** What is shown whoever is on the cart. */
  readonly beside?: (at: At) => ComponentChildren;
  readonly children: (member: Member) => ComponentChildren;
}

export function Modal({
  till,
  heading,
  customer = customerOn(till.cart.current.value) ?? undefined,
  beside,
  children,
}: Props) {
  const at = useMemo(() => ({till, client: client(till), say: words(till)}), [till]);
  return (
    <s-page heading={heading}>
      <s-scroll-box>
        <s-stack gap="base" padding="base">
          <Safe key={customer} otherwise={<Note tone="critical" text={at.say.t('refusal.unreadable')} />}>
            <WithMember at={at} customer={customer ?? null}>
              {children}
            </WithMember>
          </Safe>
          {beside?.(at)}
        </s-stack>
      </s-scroll-box>
    </s-page>
  );
}
