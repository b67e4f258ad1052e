/** What the four targets of this extension have in common in their tests. */
import {overview} from '../../pos-shared/tests/samples';
import {json, ProxyStandIn} from '../../test-support/src/proxy';

export const CUSTOMER = 'GET /v1/pos/customers/7';

export function answering(): ProxyStandIn {
  return new ProxyStandIn().on(CUSTOMER, () => json(overview()));
}
