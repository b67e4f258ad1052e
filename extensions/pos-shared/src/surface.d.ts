/** What a till's modal can render; which target has which of it, a test of each extension says. */
import '@shopify/ui-extensions/pos.home.modal.render';
import '@shopify/ui-extensions/pos.home.tile.render';
