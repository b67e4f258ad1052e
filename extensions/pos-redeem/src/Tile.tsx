import {RewardTile, type TileTill} from '../../pos-shared/src/tile';

export function Tile({till}: {readonly till: TileTill}) {
  return (
    <RewardTile
      till={till}
      heading={(say) => say.t('pos.redeem.heading')}
      detail={({balance}, say) => {
        return balance ? say.t('reward.available', {amount: say.money(balance.available)}) : say.t('pos.missing');
      }}
      guards
    />
  );
}
