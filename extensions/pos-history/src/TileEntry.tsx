import '@shopify/ui-extensions/preact';
import {render} from 'preact';
import {Tile} from './Tile';

export default function extension() {
  render(<Tile till={shopify} />, document.body);
}
