/** Stand-ins, not Shopify's own: the names and properties of its elements, with plain HTML inside. */
import './layout';
import './words';
import './taps';
import './fields';
