import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {customerClient} from '../../shared/src/client';
import {PROXY_URL} from '../../shared/src/config';
import {Once} from './Once';
import {Rewards} from './Rewards';
import {Sample} from './Sample';

/** Both places of the checkout. A fault in here leaves the checkout as it is. */
export default async function checkout(): Promise<void> {
  const platform = shopify;
  if (platform.extension.editor !== undefined) {
    render(<Sample platform={platform} />, document.body);
    return;
  }
  const parts = {
    platform,
    client: customerClient({
      url: PROXY_URL,
      token: () => platform.sessionToken.get(),
      fetch: (input, init) => fetch(input, init),
    }),
    newKey: () => crypto.randomUUID(),
    now: () => Date.now(),
    wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  render(
    <Once platform={platform}>
      <Rewards parts={parts} />
    </Once>,
    document.body,
  );
}
