import {RewardTile, type TileTill} from '../../pos-shared/src/tile';
import {nameOf} from '../../pos-shared/src/standing';

export function Tile({till}: {readonly till: TileTill}) {
  return (
    <RewardTile
      till={till}
      heading={(say) => say.t('pos.customer.heading')}
      detail={(overview) => [nameOf(overview), overview.tier?.current ?? ''].filter((part) => part !== '').join(' · ')}
      finds
    />
  );
}
