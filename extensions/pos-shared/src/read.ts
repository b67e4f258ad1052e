/** Reading from the proxy while a component is shown: nothing is written once it is gone or about somebody else. */
import {useCallback, useEffect, useState} from 'preact/hooks';
import type {Answer, Refusal} from '../../shared/src/client';

export type Reading<T> =
  | {readonly at: 'reading'}
  | {readonly at: 'read'; readonly value: T}
  | {readonly at: 'refused'; readonly refusal: Refusal};

interface Held<T> {
  readonly about: string | null;
  readonly since: string;
  readonly reading: Reading<T>;
}

/**
 * Reads once for each `about`, after `waitMs` without another; null reads nothing. The second answer reads again, and
 * so does another `since`; what was read before stays in sight meanwhile.
 */
export function useRead<T>(
  about: string | null,
  ask: () => Promise<Answer<T>>,
  waitMs = 0,
  since = '',
): readonly [Reading<T>, () => void] {
  const [held, hold] = useState<Held<T>>({about: null, since, reading: {at: 'reading'}});
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (about === null) return;
    let gone = false;
    const read = async () => {
      const answer = await ask();
      if (gone) return;
      const reading: Reading<T> = answer.ok
        ? {at: 'read', value: answer.value}
        : {at: 'refused', refusal: answer.refusal};
      // A refusal later on hides nothing: what was read stays, and what is tapped says its own.
      const stays = (had: Held<T>) => had.about === about && had.since === since && had.reading.at === 'read';
      hold((had) => (!answer.ok && stays(had) ? had : {about, since, reading}));
    };
    const timer = setTimeout(() => void read(), waitMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [about, since, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  // What was read about somebody else is never shown, not even for a moment.
  return [held.about === about ? held.reading : {at: 'reading'}, again];
}
