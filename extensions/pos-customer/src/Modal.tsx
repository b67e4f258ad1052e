import {Modal as Frame} from '../../pos-shared/src/modal';
import type {ScanningTill} from '../../pos-shared/src/till';
import {words} from '../../pos-shared/src/words';
import {Overview} from './Overview';

interface Props {
  readonly till: ScanningTill;
  /** Whose details are open; the customer on the cart unless told. */
  readonly customer?: string;
}

export function Modal({till, customer}: Props) {
  const about = customer === undefined ? {} : {customer};
  return (
    <Frame till={till} heading={words(till).t('pos.customer.heading')} {...about}>
      {(member) => <Overview member={member} />}
    </Frame>
  );
}
