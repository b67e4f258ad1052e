// @vitest-environment node
import {describe, expect, test} from 'vitest';
import {busy, step, type Act, type Event, type Stage} from '../src/redeem';
import {alike, open} from '../src/stages';
import {COFFEE, FIVE, handedOver, no, quote, redemption, refusal, TEN, yes} from './sample';

const TAP = {wish: TEN, key: 'k1'};
const R = redemption();
const OFF = {minor: 1000, currency: 'AUD'};

const STAGES: Record<Stage['at'], Stage> = {
  idle: {at: 'idle'},
  quoting: {at: 'quoting', ...TAP},
  holding: {at: 'holding', ...TAP},
  applying: {at: 'applying', wish: TEN, redemption: R},
  verifying: {at: 'verifying', wish: TEN, redemption: R},
  applied: {at: 'applied', redemption: R, off: OFF},
  releasing: {at: 'releasing', redemption: R, because: 'removed'},
  refused: {at: 'refused', wish: TEN, refusal: refusal('offline', {unknown: true}), again: TAP},
  released: {at: 'released', redemption: R, because: 'removed', freed: true},
  expired: {at: 'expired', redemption: R},
};

const EVENTS: Record<string, Event> = {
  tapped: {is: 'tapped', wish: FIVE, key: 'k2'},
  'tapped benefit': {is: 'tapped', wish: COFFEE, key: 'k2'},
  'quoted yes': {is: 'quoted', answer: quote()},
  'quoted no': {is: 'quoted', answer: quote('insufficient_balance')},
  'quoted asked': {is: 'quoted', answer: null, asked: 'k0'},
  'quoted nothing': {is: 'quoted', answer: null},
  'held yes': {is: 'held', answer: yes(R)},
  'held no': {is: 'held', answer: no('insufficient_balance')},
  'held unknown': {is: 'held', answer: no('timeout', {unknown: true, retryable: true})},
  'held over': {is: 'held', answer: yes(redemption({code: null, state: 'released'}))},
  'put yes': {is: 'put', done: true},
  'put no': {is: 'put', done: false},
  'verified off': {is: 'verified', off: OFF},
  'verified nothing': {is: 'verified', off: null},
  'freed yes': {is: 'freed', done: true},
  'freed no': {is: 'freed', done: false},
  'freed used': {is: 'freed', done: true, used: true},
  found: {is: 'found', redemption: R, off: OFF},
  resumed: {is: 'resumed', redemption: R},
  removed: {is: 'removed', because: 'customer_changed'},
  over: {is: 'over'},
  'over used': {is: 'over', used: true},
};

type Moves = Record<string, readonly [Stage['at'], Act]>;

const WISHED = {tapped: ['quoting', 'quote'], 'tapped benefit': ['quoting', 'quote']} as const;
const QUIET: Moves = {...WISHED, found: ['applied', null], resumed: ['applying', 'apply']};

/** Every move there is; what is not here changes nothing. */
const TABLE: Record<Stage['at'], Moves> = {
  idle: QUIET,
  refused: QUIET,
  released: QUIET,
  expired: QUIET,
  quoting: {
    'quoted yes': ['holding', 'hold'],
    'quoted no': ['refused', null],
    'quoted asked': ['holding', 'hold'],
    'quoted nothing': ['holding', 'hold'],
  },
  holding: {
    'held yes': ['applying', 'apply'],
    'held no': ['refused', null],
    'held unknown': ['refused', null],
    'held over': ['expired', null],
  },
  applying: {'put yes': ['verifying', 'verify'], 'put no': ['releasing', 'release']},
  verifying: {'verified off': ['applied', null], 'verified nothing': ['releasing', 'release']},
  applied: {
    tapped: ['releasing', 'release'],
    'tapped benefit': ['quoting', 'quote'],
    found: ['applied', null],
    removed: ['releasing', 'release'],
    over: ['expired', 'take_off'],
    'over used': ['released', 'take_off'],
  },
  releasing: {'freed yes': ['released', null], 'freed no': ['released', null], 'freed used': ['released', null]},
};

const ALL = Object.values(STAGES).flatMap((stage) =>
  Object.entries(EVENTS).map(([name, event]) => ({at: stage.at, name, stage, event})),
);

describe('every stage and every event', () => {
  test.each(ALL)('$at, $name', ({at, name, stage, event}) => {
    const [after, act] = step(stage, event);
    const move = TABLE[at][name];
    if (move === undefined) {
      expect(after).toBe(stage);
      expect(act).toBeNull();
    } else {
      expect([after.at, act]).toEqual(move);
    }
  });

  test.each(ALL)('$at, $name: nothing is done to a redemption that is not there', ({stage, event}) => {
    const [after, act] = step(stage, event);
    if (act !== null) expect(after).toHaveProperty(act === 'quote' || act === 'hold' ? 'key' : 'redemption');
  });

  test.each(ALL)('$at, $name: something is under way exactly while there is something to do', ({stage, event}) => {
    const [after, act] = step(stage, event);
    if (after !== stage) expect(busy(after)).toBe(act !== null && act !== 'take_off');
  });

  test.each(ALL)('$at, $name: what was held is never dropped without leaving the cart', ({stage, event}) => {
    const [after, act] = step(stage, event);
    const carries = stage.at === 'applying' || stage.at === 'verifying';
    if (carries && after !== stage) expect(after).toHaveProperty('redemption', R);
    if (stage.at === 'applied' && after.at === 'expired') expect(act).toBe('take_off');
  });
});

describe('what is carried along', () => {
  test('an earlier key of the same wish is asked again instead of the new one', () => {
    const [after] = step(STAGES.quoting, {is: 'quoted', answer: null, asked: 'k0'});
    expect(after).toEqual({at: 'holding', wish: TEN, key: 'k0'});
  });

  test('another amount waits until what is applied has gone', () => {
    const [leaving] = step(STAGES.applied, {is: 'tapped', wish: FIVE, key: 'k2'});
    expect(leaving).toMatchObject({at: 'releasing', redemption: R, next: {wish: FIVE, key: 'k2'}});
    expect(step(leaving, {is: 'freed', done: false})).toEqual([{at: 'quoting', wish: FIVE, key: 'k2'}, 'quote']);
  });

  test('what an order was paid with is told as used, and no other amount takes its place', () => {
    const [leaving] = step(STAGES.applied, {is: 'tapped', wish: FIVE, key: 'k2'});
    for (const from of [leaving, STAGES.releasing]) {
      expect(step(from, EVENTS['freed used'] as Event)[0]).toMatchObject({at: 'released', because: 'used'});
    }
    const spent = redemption({code: null, state: 'captured', order_id: 'gid://shopify/Order/1'});
    expect(step(STAGES.holding, {is: 'held', answer: yes(spent)})[0]).toMatchObject({at: 'released', because: 'used'});
  });

  test('a refusal of the quote has the numbers behind it', () => {
    const facts = {minimum: {amount: '2.00', currencyCode: 'AUD'}};
    const [after] = step(STAGES.quoting, {is: 'quoted', answer: quote('below_minimum', 'amount', facts)});
    expect(after).toMatchObject({at: 'refused', refusal: {code: 'below_minimum', facts}, again: null});
  });

  test('a verdict on a benefit does not refuse an amount', () => {
    expect(step(STAGES.quoting, {is: 'quoted', answer: quote('benefit_used_up', 'benefit')})[0].at).toBe('holding');
  });

  test('an approval is asked for by the redemption, so the quote that misses it stops nothing', () => {
    expect(step(STAGES.quoting, {is: 'quoted', answer: quote('approval_required')})[1]).toBe('hold');
  });

  const unreached = ['no_permission', 'offline', 'timeout', 'unauthenticated'];

  test.each(unreached)('a quote that ends as %s sends no wish', (code) => {
    expect(step(STAGES.quoting, {is: 'quoted', answer: no(code)})).toMatchObject([{at: 'refused', again: null}, null]);
  });

  const reached = ['upstream_unavailable', 'rate_limited', 'invalid_request'];

  test.each(reached)('a quote that ends as %s lets the wish be tried', (code) => {
    expect(step(STAGES.quoting, {is: 'quoted', answer: no(code)})[1]).toBe('hold');
  });

  test('what is handed over takes no money off and is applied all the same', () => {
    const given = handedOver();
    const verifying: Stage = {at: 'verifying', wish: COFFEE, redemption: given};
    expect(step(verifying, {is: 'verified', off: null})).toEqual([{at: 'applied', redemption: given, off: null}, null]);
  });

  test('an open redemption is resumed as what it is', () => {
    expect(step({at: 'idle'}, {is: 'resumed', redemption: R})[0]).toMatchObject({wish: TEN});
    expect(step({at: 'idle'}, {is: 'resumed', redemption: handedOver()})[0]).toMatchObject({wish: COFFEE});
  });

  test('a redemption whose time is over is not resumed', () => {
    expect(step({at: 'idle'}, {is: 'resumed', redemption: redemption({code: null})})[0].at).toBe('expired');
  });
});

describe('whether a key is open', () => {
  test.each([
    ['timeout', {unknown: true}, true],
    ['rate_limited', {retryable: true}, true],
    ['unauthenticated', {}, true],
    ['no_permission', {}, true],
    ['login_required', {}, true],
    ['insufficient_balance', {}, false],
    ['idempotency_key_reused', {}, false],
  ])('%s', (code, changes, is) => {
    expect(open(no(code, changes))).toBe(is);
  });

  test('one that was granted is not', () => {
    expect(open(yes(R))).toBe(false);
  });
});

describe('whether wishes are alike', () => {
  test('the order of fields and fields without value make no difference', () => {
    const stored: unknown = JSON.parse('{"take_over":true,"amount":{"currencyCode":"AUD","amount":"10.00"}}');
    expect(alike({...TEN, take_over: true}, stored as typeof TEN)).toBe(true);
    expect(alike(TEN, {...TEN, take_over: undefined} as typeof TEN)).toBe(true);
  });

  test.each([[FIVE], [COFFEE], [{...TEN, take_over: true}]])('%j is another wish', (other) => {
    expect(alike(TEN, other)).toBe(false);
  });
});
