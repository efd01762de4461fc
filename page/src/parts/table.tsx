// A table whose rows become blocks on a phone. The roles are said, because other displays take them from the elements.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { w } from '../words';
import { number } from '../format';

export interface ColumnOf<Row> {
  head: string;
  cell: (row: Row, index: number) => ComponentChildren;
  /** Numbers are right-aligned. */
  num?: boolean;
  /** What is short and must not be broken: times, numbers of runs. */
  tight?: boolean;
  /** What the row is about: the header of the row. */
  main?: boolean;
}

export function Table<Row>({ label, columns, rows, most = 200, class: name = '' }: {
  label: string; columns: ColumnOf<Row>[]; rows: Row[]; most?: number; class?: string;
}) {
  const [shown, show] = useState(most);
  const seen = rows.slice(0, shown);
  const kept = columns.filter((column) => column.main || seen.some((row, index) => !isEmpty(column.cell(row, index))));
  return <>
    <div class="table-place">
      <table role="table" aria-label={label} class={name}>
        <thead role="rowgroup"><tr role="row">{kept.map((column) =>
          <th role="columnheader" scope="col" class={column.num ? 'num' : ''}>{column.head}</th>)}</tr></thead>
        <tbody role="rowgroup">{seen.map((row, index) =>
          <tr role="row">{kept.map((column) => {
            const cell = column.cell(row, index);
            const classes = [column.num && 'num', column.tight && 'tight', isEmpty(cell) && 'empty'].filter(Boolean).join(' ');
            const inside = <><span class="label" aria-hidden="true">{column.head}</span><span class="cell">{cell}</span></>;
            return column.main
              ? <th role="rowheader" scope="row" class={classes}>{inside}</th>
              : <td role="cell" class={classes}>{inside}</td>;
          })}</tr>)}</tbody>
      </table>
    </div>
    {rows.length > shown && <button type="button" class="more" onClick={() => show(shown + 500)}>{w.showMore(number(rows.length - shown))}</button>}
  </>;
}

const isEmpty = (cell: ComponentChildren): boolean =>
  cell === undefined || cell === null || cell === '' || cell === false || (Array.isArray(cell) && cell.every(isEmpty));
