import {RewardTile, type TileTill} from '../../pos-shared/src/tile';

export function Tile({till}: {readonly till: TileTill}) {
  return (
    <RewardTile
      till={till}
      heading={(say) => say.t('pos.benefits.heading')}
      detail={({benefits}, say) =>
        benefits === null ? say.t('pos.missing') : say.t('pos.customer.benefits', {count: benefits})
      }
      count={({benefits}) => benefits}
      guards
    />
  );
}
