import {useEffect, useErrorBoundary, useMemo} from 'preact/hooks';
import {headingOf, wordsOf} from '../../shared/src/words';
import {Applied} from './Applied';
import type {Parts} from './desk';
import {Notice} from './Notice';
import {Panel} from './Panel';
import {Session} from './session';

// As high as what most customers see next, so that nothing below it moves.
const ROWS = ['balance', 'expiring', 'all', 'part'];

/** A customer's rewards at this checkout, in whichever state they are. */
export function Rewards({parts}: {parts: Parts}) {
  const {platform} = parts;
  const [broken] = useErrorBoundary();
  const session = useMemo(() => new Session(parts), []);
  useEffect(() => session.start(), []);
  const words = wordsOf(platform.i18n);
  const sight = session.sight.value;
  const {desk} = session;
  // Where nothing can be offered and nothing was done, nothing is said: a checkout is no place for our troubles.
  if (broken || (sight.at === 'away' && desk.doing.value.size === 0)) return null;
  return (
    <s-section heading={headingOf(platform.settings.value, words)}>
      <s-stack gap="base">
        {sight.at === 'loading' &&
          ROWS.map((row) => <s-skeleton-paragraph key={row} content={words.t('reward.loading')} />)}
        {sight.at === 'guest' && <s-text>{words.t('checkout.guest')}</s-text>}
        {sight.at === 'pending' && <s-text>{words.t('reward.pending')}</s-text>}
        <Applied desk={desk} platform={platform} words={words} />
        {sight.at === 'shown' && <Panel shown={sight} desk={desk} platform={platform} words={words} />}
        <Notice desk={desk} words={words} />
      </s-stack>
    </s-section>
  );
}
