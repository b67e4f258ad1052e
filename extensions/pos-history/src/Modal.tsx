import {Modal as Frame} from '../../pos-shared/src/modal';
import type {ScanningTill} from '../../pos-shared/src/till';
import {words} from '../../pos-shared/src/words';
import {History} from './History';

export function Modal({till}: {readonly till: ScanningTill}) {
  return (
    <Frame till={till} heading={words(till).t('pos.history.heading')}>
      {(member) => <History key={member.customer} member={member} />}
    </Frame>
  );
}
