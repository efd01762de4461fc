// All relations, to be filtered.
import { useMemo } from 'preact/hooks';
import { conditionOf } from '../data/data';
import { useData } from '../parts/context';
import { NodeLink, NodeState } from '../parts/text';
import { Table } from '../parts/table';
import { bytes, day, number, time } from '../format';
import { plain } from '../search/index';
import { link, replace, type Route } from '../route';
import { w, word } from '../words';

const order = { bad: 0, warn: 1, ok: 2, none: 3 };

export function Relations({ route }: { route: Route }) {
  const data = useData();
  const wanted = route.query.get('q') ?? '', kind = route.query.get('kind') ?? '';
  const kinds = useMemo(() => [...new Set(data.nodes.map((node) => node.kind))], [data]);
  const set = (change: { q?: string; kind?: string }) => replace(link('relations', undefined, { q: wanted, kind, ...change }));
  const rows = useMemo(() => {
    const parts = plain(wanted).split(/\s+/).filter(Boolean);
    return data.nodes.map((node, index) => ({ node, index, condition: conditionOf(data, index) }))
      .filter(({ node }) => !kind || node.kind === kind)
      .filter(({ node }) => { const text = plain([node.name, node.schema ?? '', ...(node.tags ?? []).map((tag) => tag ?? '')].join(' ')); return parts.every((part) => text.includes(part)); })
      .sort((a, b) => order[a.condition] - order[b.condition]);
  }, [data, wanted, kind]);
  return <>
    <h1 tabIndex={-1}>{w.sections.relations}</h1>
    {data.nodes.length === 0 ? <p>{w.noNodes}</p> : <>
      <div class="controls">
        <label>{w.filter}<input type="search" value={wanted} placeholder={w.filterHint} size={30} onInput={(event) => set({ q: event.currentTarget.value })} /></label>
        <label>{w.kindWord}<select value={kind} onChange={(event) => set({ kind: event.currentTarget.value })}>
          <option value="">{w.allKinds}</option>{kinds.map((of) => <option value={of}>{word(w.kinds, of)}</option>)}</select></label>
      </div>
      {rows.length === 0 ? <p>{w.noneMatch}</p> : <Table key={`${wanted} ${kind}`} label={w.sections.relations} rows={rows} most={100} columns={[
        { head: w.name, main: true, cell: ({ index }) => <NodeLink index={index} /> },
        { head: w.state, cell: ({ index }) => <NodeState index={index} /> },
        { head: w.rows, num: true, cell: ({ node }) => node.rows !== undefined && number(node.rows) },
        { head: w.size, num: true, cell: ({ node }) => bytes(node.bytes) },
        { head: w.dataUntil, tight: true, cell: ({ node }) => node.period?.to && day(node.period.to) },
        { head: w.updated, tight: true, cell: ({ node }) => node.loaded_at && time(node.loaded_at, data.made_at) },
        { head: w.tests, num: true, cell: ({ index }) => data.testsOf[index]!.length || '' },
      ]} />}
    </>}
  </>;
}
