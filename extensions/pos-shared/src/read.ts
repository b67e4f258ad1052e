/** Reading from the proxy while a component is shown: nothing is written once it is gone or about somebody else. */
import {useCallback, useEffect, useState} from 'preact/hooks';
import type {Answer, Refusal} from '../../shared/src/client';

export type Reading<T> =
  | {readonly at: 'reading'}
  | {readonly at: 'read'; readonly value: T}
  | {readonly at: 'refused'; readonly refusal: Refusal};

/** Reads once for each `about`, after `waitMs` without another; null reads nothing. The second answer reads again. */
export function useRead<T>(
  about: string | null,
  ask: () => Promise<Answer<T>>,
  waitMs = 0,
): readonly [Reading<T>, () => void] {
  const [held, hold] = useState<{about: string | null; reading: Reading<T>}>({about: null, reading: {at: 'reading'}});
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
      hold((had) => (!answer.ok && had.about === about && had.reading.at === 'read' ? had : {about, reading}));
    };
    const timer = setTimeout(() => void read(), waitMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [about, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  // What was read about somebody else is never shown, not even for a moment.
  return [held.about === about ? held.reading : {at: 'reading'}, again];
}
