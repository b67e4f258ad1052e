/** A desk for as long as a modal shows one customer, kept in step with what the proxy says is open. */
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import type {Redemption} from '../../shared/src/client';
import {Desk} from './desk';
import type {Member} from './member';
import {open} from './open';

export function useDesk({till, client, customer, overview, again}: Member) {
  const desk = useMemo(() => new Desk(till, client, customer), [customer]);
  const [elsewhere, setElsewhere] = useState<readonly Redemption[]>([]);
  useEffect(() => {
    const leave = desk.attend();
    return () => {
      leave();
      void desk.close();
    };
  }, [desk]);
  useEffect(() => {
    let gone = false;
    void desk.found(open(overview)).then((rest) => {
      if (!gone) setElsewhere(rest);
    });
    return () => {
      gone = true;
    };
  }, [desk, overview]);
  // Whatever came of a tap, the balance may be another one now.
  const working = desk.working.value;
  const worked = useRef(false);
  useEffect(() => {
    if (worked.current && !working) again();
    worked.current = working;
  }, [working]);
  return {desk, elsewhere};
}
