/** The `shopify` of customer account targets. */
import {fixed} from '../mirror';
import type {AccountStage} from '../stage';
import {checkoutStorage} from '../storage';
import {language, type Words} from './language';

export function accountHost(target: string, stage: AccountStage, words: Words): object {
  const customer = stage.customer === null ? undefined : {id: `gid://shopify/Customer/${stage.customer}`};
  return {
    ...language(stage.language, words),
    extension: {
      apiVersion: '2026-07',
      target,
      scriptUrl: '',
      capabilities: fixed(['network_access']),
      rendered: fixed(true),
    },
    extensionPoint: target,
    authenticatedAccount: {customer: fixed(customer), purchasingCompany: fixed(undefined)},
    sessionToken: {get: stage.token},
    settings: fixed({}),
    storage: checkoutStorage('account'),
    toast: {show: async () => ({hide: () => undefined})},
    navigation: {navigate: () => undefined},
  };
}
