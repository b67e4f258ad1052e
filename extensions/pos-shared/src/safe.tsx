/** A till shows its own error page for whatever an extension lets out, so nothing is let out. */
import type {ComponentChildren} from 'preact';
import {useErrorBoundary} from 'preact/hooks';

interface Props {
  /** What is shown where the rest cannot be, as when an answer has not the shape that its contract says. */
  readonly otherwise: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Safe({otherwise, children}: Props) {
  const [error] = useErrorBoundary();
  return <>{error === undefined ? children : otherwise}</>;
}
