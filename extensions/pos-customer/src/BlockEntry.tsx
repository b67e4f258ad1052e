import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {Block} from './Block';

export default function extension() {
  render(<Block till={shopify} customer={String(shopify.customer.id)} />, document.body);
}
