import {Modal as Frame} from '../../pos-shared/src/modal';
import type {ScanningTill} from '../../pos-shared/src/till';
import {words} from '../../pos-shared/src/words';
import {Approve} from './Approve';
import {Redeem} from './Redeem';

export function Modal({till}: {readonly till: ScanningTill}) {
  return (
    <Frame till={till} heading={words(till).t('pos.redeem.heading')} beside={(at) => <Approve at={at} />}>
      {(member) => <Redeem key={member.customer} member={member} />}
    </Frame>
  );
}
