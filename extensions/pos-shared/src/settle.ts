/** Waiting for a till's signal to say what a call did not. */
interface Signal<T> {
  readonly value: T;
  subscribe(told: (value: T) => void): () => void;
}

/** Gives the first answer that is not null, or null when the time is over. */
export function settled<T, A>(signal: Signal<T>, look: (now: T) => A | null, mostMs: number): Promise<A | null> {
  return new Promise((resolve) => {
    let done = false;
    let leave: () => void = () => undefined;
    const end = (answer: A | null) => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      leave();
      resolve(answer);
    };
    const timer = setTimeout(() => end(look(signal.value)), mostMs);
    const check = () => {
      const answer = look(signal.value);
      if (answer !== null) end(answer);
    };
    leave = signal.subscribe(check);
    if (done) leave();
    else check();
  });
}
