import {words} from '../../pos-shared/src/words';
import {customerOn} from '../../pos-shared/src/till';
import {present, type TileTill} from '../../pos-shared/src/tile';

/** Reads nothing: what was bought is asked for when somebody wants to see it. */
export function Tile({till}: {readonly till: TileTill}) {
  const say = words(till);
  const customer = customerOn(till.cart.current.value);
  return (
    <s-tile
      heading={say.t('pos.history.heading')}
      subheading={customer === null ? say.t('pos.no_customer') : ''}
      disabled={customer === null}
      tone={customer === null ? 'neutral' : 'accent'}
      onClick={() => present(till)}
    />
  );
}
