import {busy, type Because, type Stage} from '../../shared/src/redeem';
import {told, type May} from '../../shared/src/refusals';
import type {Words} from '../../shared/src/words';
import type {Desk, Doing, Thing} from './desk';

interface Said {
  readonly tone: 'success' | 'info' | 'warning';
  readonly texts: readonly string[];
  readonly act: {readonly text: string; readonly tap: () => void} | null;
}

const EXPECTED: ReadonlySet<Because> = new Set(['removed', 'used']);

/** What became of the last tap. A banner is read out by itself. */
export function Notice({desk, words}: {desk: Desk; words: Words}) {
  const last = [...desk.doing.value.values()].at(-1);
  const said = last === undefined || last.found ? null : saidOf(last, desk, words);
  return (
    <>
      <s-stack accessibilityRole="status">
        {last !== undefined && busy(last.stage) && <s-text>{words.t(`reward.at.${last.stage.at}`)}</s-text>}
      </s-stack>
      {said !== null && (
        <s-banner tone={said.tone}>
          <s-stack gap="base">
            {said.texts.map((text) => (
              <s-text key={text}>{text}</s-text>
            ))}
            {said.act !== null && (
              <s-button variant="secondary" disabled={desk.busy} onClick={said.act.tap}>
                {said.act.text}
              </s-button>
            )}
          </s-stack>
        </s-banner>
      )}
    </>
  );
}

function saidOf({thing, stage}: Doing, desk: Desk, words: Words): Said | null {
  switch (stage.at) {
    case 'applied':
      return {tone: 'success', texts: [appliedOf(thing, stage, words)], act: null};
    case 'released':
      return {tone: EXPECTED.has(stage.because) ? 'info' : 'warning', texts: releasedOf(stage, words), act: null};
    case 'expired':
      return {tone: 'warning', texts: [words.t('reward.at.expired')], act: null};
    case 'refused':
      return refusedOf(thing, stage, desk, words);
    default:
      return null;
  }
}

function appliedOf({name}: Thing, {off}: Stage & {at: 'applied'}, words: Words): string {
  if (name !== null) return words.t('reward.at.benefit_applied', {name});
  return off === null ? words.t('checkout.applied') : words.t('reward.at.applied', {amount: words.money(off)});
}

function releasedOf({because, freed, redemption}: Stage & {at: 'released'}, words: Words): string[] {
  const texts = [words.t(`reward.released.${because}`)];
  // Express wallets are the reason that buyers meet; the platform names none.
  if (because === 'host_refused') texts.push(words.t('checkout.express'));
  if (!freed) texts.push(words.t('reward.released.later', {time: words.time(new Date(redemption.expires_at))}));
  return texts;
}

function refusedOf(thing: Thing, {wish, refusal}: Stage & {at: 'refused'}, desk: Desk, words: Words): Said {
  const {text, values, may} = told(refusal, words);
  const taps: Partial<Record<May, Said['act']>> = {
    again: {text: words.t('reward.again'), tap: () => void desk.redeem(thing, wish)},
    take_over: {text: words.t('reward.take_over'), tap: () => void desk.redeem(thing, {...wish, take_over: true})},
  };
  return {tone: 'warning', texts: [words.t(text, values)], act: taps[may] ?? null};
}
