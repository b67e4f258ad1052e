import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {customerClient} from '../../shared/src/client';
import {PROXY_URL} from '../../shared/src/config';
import {headingOf, wordsOf} from '../../shared/src/words';
import {Overview} from './Overview';
import {Sample} from './Sample';

/** Both pages of the account. It only reads: rewards are used in the cart, at checkout and at the till. */
export default async function account(): Promise<void> {
  const platform = shopify;
  const words = wordsOf(platform.i18n);
  const heading = headingOf(platform.settings.value, words);
  if (platform.extension.editor !== undefined) {
    render(<Sample heading={heading} words={words} />, document.body);
    return;
  }
  const client = customerClient({
    url: PROXY_URL,
    token: () => platform.sessionToken.get(),
    fetch: (url, request) => fetch(url, request),
  });
  render(<Overview client={client} heading={heading} words={words} />, document.body);
}
