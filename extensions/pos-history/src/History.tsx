/** The sales of all channels, newest first, a page at a time. */
import {useState} from 'preact/hooks';
import {NotRead, Note, type Member} from '../../pos-shared/src/member';
import {useRead} from '../../pos-shared/src/read';
import {Sale} from './Sale';

export function History({member}: {readonly member: Member}) {
  const {client, customer, say} = member;
  const [page, setPage] = useState(1);
  const [reading, again] = useRead(`${customer} ${page}`, () => client.history(customer, page));
  if (reading.at === 'reading') return <s-spinner accessibilityLabel={say.t('reward.loading')} />;
  if (reading.at === 'refused') return <NotRead say={say} again={again} refusal={reading.refusal} />;
  const {transactions, more, stale} = reading.value;
  if (transactions.length === 0 && page === 1) return <s-empty-state heading={say.t('pos.history.none')} />;
  return (
    <s-stack gap="base">
      {stale ? <Note tone="info" text={say.t('pos.history.stale')} /> : null}
      {transactions.map((sale) => (
        <Sale key={sale.id} sale={sale} say={say} />
      ))}
      <s-stack direction="inline" gap="base">
        <s-button disabled={page === 1} onClick={() => setPage(page - 1)}>
          {say.t('pos.history.newer')}
        </s-button>
        <s-button disabled={!more} onClick={() => setPage(page + 1)}>
          {say.t('pos.history.older')}
        </s-button>
      </s-stack>
    </s-stack>
  );
}
