import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {Modal} from './Modal';

export default function extension() {
  render(<Modal till={shopify} />, document.body);
}
