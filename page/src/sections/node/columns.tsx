import type { Node } from '../../data/contract';
import { useData } from '../../parts/context';
import { Name, Prose, Status } from '../../parts/text';
import { Table } from '../../parts/table';
import { day, number, share } from '../../format';
import { link } from '../../route';
import { w } from '../../words';

export function Columns({ node }: { node: Node }) {
  const data = useData();
  const columns = node.columns ?? [];
  const index = data.byId.get(node.id)!;
  const tests = data.testsOf[index]!.map((test) => data.tests[test]!);
  const ofColumn = (name: string) => tests.filter((test) => test.column === name);
  const some = columns.some((column) => column.nulls !== undefined || column.distinct !== undefined || column.to !== undefined);
  return <section aria-labelledby="columns"><h2 id="columns">{w.columns}</h2>
    {columns.length === 0 ? <p>{w.noColumns}</p> : <>
      <Table label={w.columns} rows={columns} columns={[
        { head: w.column, main: true, cell: (column) => <><Name code>{column.name}</Name>{column.key && <span class="tag">{w.key}</span>}{column.not_null && <span class="tag">{w.notNull}</span>}{column.hashed && <span class="tag">{w.hashed}</span>}</> },
        { head: w.type, cell: (column) => column.type && <Name code>{column.type}</Name> },
        { head: w.description, cell: (column) => column.description && <Prose text={column.description} /> },
        { head: w.tests, cell: (column) => {
          const of = ofColumn(column.name);
          return of.length > 0 && <ul class="plain">{of.map((test) => <li><Status of={test.status}><a href={link('tests', undefined, { q: `${node.name} ${test.name}` })}><bdi>{test.test ?? test.name}</bdi></a></Status></li>)}</ul>;
        } },
        { head: w.nulls, num: true, cell: (column) => share(column.nulls) },
        { head: w.distinct, num: true, cell: (column) => column.distinct !== undefined && number(Math.round(column.distinct)) },
        { head: w.range, cell: (column) => (column.from || column.to) && <span>{w.covers(column.from ? day(column.from) : '…', column.to ? day(column.to) : '…')}</span> },
      ]} />
      {some && <p class="quiet small">{w.nullsNote}</p>}
    </>}
  </section>;
}

