import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {customerClient} from '../../shared/src/client';
import {PROXY_URL} from '../../shared/src/config';
import {Thanks} from './Thanks';

export default async function thankYou(): Promise<void> {
  const platform = shopify;
  const client = customerClient({
    url: PROXY_URL,
    token: () => platform.sessionToken.get(),
    fetch: (input, init) => fetch(input, init),
  });
  render(<Thanks platform={platform} client={client} />, document.body);
}
