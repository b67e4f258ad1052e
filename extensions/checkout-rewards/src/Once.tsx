import type {ComponentChildren} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {LOOK_MS, mine} from './lease';
import type {Platform} from './platform';

/** Renders what is in it in one of the places that a merchant chose. */
export function Once({platform, children}: {platform: Platform; children: ComponentChildren}) {
  const [shown, setShown] = useState(false);
  const {extension, storage} = platform;
  const onScreen = extension.rendered.value;
  useEffect(() => {
    let over = false;
    const look = async () => {
      const answer = await mine(storage, extension.target, onScreen, Date.now());
      if (!over) setShown(answer);
    };
    void look();
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [onScreen]);
  return shown ? <>{children}</> : null;
}
