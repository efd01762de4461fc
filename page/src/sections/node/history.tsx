import { useMemo } from 'preact/hooks';
import type { Node } from '../../data/contract';
import { historyOf } from '../../data/data';
import { useData } from '../../parts/context';
import { Plot } from '../../parts/plot';
import { Prose, Status } from '../../parts/text';
import { Table } from '../../parts/table';
import { counts } from '../../parts/counts';
import { day, dayAfter, duration, number, time, weekday } from '../../format';
import { link } from '../../route';
import { w } from '../../words';

export function RowsOverTime({ rows }: { rows: { from: string; rows: (number | null)[] } }) {
  const series = useMemo(() => ({ from: rows.from, values: rows.rows.map((value) => (typeof value === 'number' ? value : null)) }), [rows]);
  const known = series.values.map((value, index) => ({ value, day: dayAfter(series.from, index) })).filter((entry): entry is { value: number; day: string } => entry.value !== null);
  const values = known.map((entry) => entry.value);
  const first = known[0], last = known[known.length - 1];
  if (!first || !last) return <section aria-labelledby="rows"><h2 id="rows">{w.rowsOverTime}</h2><p>{w.noRowsYet}</p></section>;
  const sentence = w.rowsSentence(day(first.day), day(last.day), number(first.value), number(last.value), number(Math.min(...values)), number(Math.max(...values)));
  return <section aria-labelledby="rows"><h2 id="rows">{w.rowsOverTime}</h2>
    <p>{sentence}</p>
    {known.length > 1 && <Plot series={series} label={sentence} />}
    <details class="no-print"><summary>{w.asTable}</summary>
      <Table label={w.rowsOverTime} rows={known.slice().reverse()} columns={[
        { head: w.day, main: true, tight: true, cell: (entry) => weekday(entry.day) },
        { head: w.rows, num: true, cell: (entry) => number(entry.value) },
      ]} /></details>
  </section>;
}

export function History({ node }: { node: Node }) {
  const data = useData();
  return <section aria-labelledby="history"><h2 id="history">{w.history}</h2>
    {node.last?.why && <Prose text={node.last.why} class="quiet" />}
    <Table label={w.history} rows={historyOf(node)} columns={[
      { head: w.when, main: true, tight: true, cell: (entry) => entry.at && time(entry.at, data.made_at) },
      { head: w.state, cell: (entry) => <Status of={entry.status} /> },
      { head: w.took, num: true, tight: true, cell: (entry) => entry.seconds !== undefined && duration(entry.seconds) },
      { head: w.rows, cell: (entry) => counts(entry) },
      { head: w.runHead, tight: true, cell: (entry) => entry.run !== undefined && <a href={link('runs', entry.run)}>{entry.run}</a> },
    ]} /></section>;
}
