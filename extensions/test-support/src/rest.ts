/** For every test file: what the last render left for the next frame comes while there still is a document. */
import {afterAll, vi} from 'vitest';

afterAll(async () => {
  if (typeof requestAnimationFrame !== 'function') return;
  vi.useRealTimers();
  // Preact puts effects off to a frame, and an effect may render once more.
  for (let frame = 0; frame < 2; frame += 1) {
    await new Promise<void>((resolve) => void requestAnimationFrame(() => setTimeout(resolve)));
  }
});
