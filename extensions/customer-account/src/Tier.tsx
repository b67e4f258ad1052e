import type {Standing} from '../../shared/src/client';
import type {Words} from '../../shared/src/words';

type Standings = NonNullable<Standing['tier']>;

/** The tier and the way to the next one, in the programme's own points. */
export function Tier({tier, words}: {tier: Standings; words: Words}) {
  const {current, next} = tier;
  const way = wayOf(tier);
  if (current === null && next === null) return null;
  return (
    <s-stack gap="small-300">
      {current !== null && <s-text type="strong">{words.t('account.tier', {tier: current})}</s-text>}
      {next !== null && way !== null && (
        <>
          <s-progress value={way.done} max={way.whole} accessibilityLabel={words.t('account.progress', {tier: next})} />
          <s-text>{words.t('account.next', {remaining: words.number(way.left), tier: next})}</s-text>
        </>
      )}
    </s-stack>
  );
}

/** Points are drawn and read, never reckoned with. */
function wayOf({progress, remaining}: Standings): {done: number; left: number; whole: number} | null {
  const done = Number(progress ?? Number.NaN);
  const left = Number(remaining ?? Number.NaN);
  return done >= 0 && left > 0 ? {done, left, whole: done + left} : null;
}
