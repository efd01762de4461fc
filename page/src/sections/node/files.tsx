// Where rows come from: the files of a stream, what was set aside of them; of a model those of the streams behind it.
import type { Node, Reject } from '../../data/contract';
import type { Data } from '../../data/data';
import { useData } from '../../parts/context';
import { Query } from '../../parts/copy';
import { Name, NodeLink, NodeState, Prose, Status } from '../../parts/text';
import { Table } from '../../parts/table';
import { bytes, number, time } from '../../format';
import { link } from '../../route';
import { w, word } from '../../words';

const RunLink = ({ run }: { run: number | undefined }) => run === undefined ? null : <a href={link('runs', run)}>{run}</a>;

export function Files({ node }: { node: Node }) {
  const data = useData();
  const files = node.files;
  const all = files?.last ?? [];
  const out = all.filter((file) => file.state === 'left out'), rest = all.filter((file) => file.state !== 'left out');
  const none = !files || (!files.count && !files.last?.length);
  return <section aria-labelledby="files"><h2 id="files">{w.files}</h2>
    {none ? <p>{w.noFiles}</p> : <>
      <p>{w.filesSum(files.count ?? 0, number(files.records ?? 0), bytes(files.bytes ?? 0))}{files.rejected ? <>, {w.fileRejected(files.rejected)}</> : null}. <span class="quiet">{w.lastFiles}{w.colon}</span></p>
      <Table class="files" label={w.files} rows={[...out, ...rest]} most={out.length + 10} columns={[
        { head: w.file, main: true, cell: (file) => <Name code>{file.path}</Name> },
        { head: w.state, cell: (file) => file.state && <Status condition={file.state === 'left out' ? 'bad' : file.state === 'forgotten' ? 'none' : 'ok'}>{word(w.status, file.state)}</Status> },
        { head: w.when, tight: true, cell: (file) => file.at && time(file.at, data.made_at) },
        { head: w.records, num: true, cell: (file) => file.records !== undefined && number(file.records) },
        { head: w.rejected, num: true, cell: (file) => file.rejected ? number(file.rejected) : '' },
        { head: w.size, num: true, cell: (file) => bytes(file.bytes) },
        { head: w.runHead, tight: true, cell: (file) => file.run !== undefined && <RunLink run={file.run} /> },
        { head: w.reason, cell: (file) => file.why && <Prose text={file.why} /> },
      ]} />
    </>}
  </section>;
}

export function Rejects({ rejects }: { rejects: Reject[] }) {
  return <section aria-labelledby="rejects"><h2 id="rejects">{w.rejects}</h2>
    <Table label={w.rejects} rows={rejects} columns={[
      { head: w.why, main: true, cell: (reject) => reject.reason ? <><bdi>{reject.reason}</bdi> <span class="quiet">{reject.sqlstate}</span></> : reject.sqlstate ? w.causeOf(reject.sqlstate) : '' },
      { head: w.column, cell: (reject) => reject.column && <Name code>{reject.column}</Name> },
      { head: w.records, num: true, cell: (reject) => reject.records !== undefined && number(reject.records) },
      { head: w.filesWord, num: true, cell: (reject) => reject.files !== undefined && number(reject.files) },
      { head: w.firstAt, cell: (reject) => reject.file && <Name code>{reject.file}{reject.line !== undefined && `:${reject.line}`}</Name> },
    ]} />
  </section>;
}

/** What a node is made of that comes from elsewhere: streams first, and those nearest. */
export function origins(data: Data, index: number): number[] {
  const seen = new Set([index]);
  const found: number[] = [];
  let layer = [index];
  while (layer.length) {
    const next: number[] = [];
    for (const node of layer) for (const parent of data.parents[node]!) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      next.push(parent);
      if (['stream', 'source', 'seed'].includes(data.nodes[parent]!.kind)) found.push(parent);
    }
    layer = next;
  }
  const first = (index: number) => (data.nodes[index]!.kind === 'stream' ? 0 : 1);
  return found.sort((a, b) => first(a) - first(b));
}

export function ComesFrom({ index }: { index: number }) {
  const data = useData();
  const rows = origins(data, index).map((origin) => {
    const node = data.nodes[origin]!;
    return { origin, node, newest: node.files?.last?.find((file) => file.state !== 'left out' && file.state !== 'forgotten') };
  });
  if (!rows.length) return null;
  const lookups = rows.filter(({ node }) => node.lookup && node.kind === 'stream').slice(0, 5);
  return <section aria-labelledby="origins"><h2 id="origins">{w.comesFrom}</h2><p class="quiet">{w.comesFromIntro}</p>
    <Table label={w.comesFrom} rows={rows} most={30} columns={[
      { head: w.relation, main: true, cell: ({ origin }) => <NodeLink index={origin} /> },
      { head: w.newestFile, cell: ({ node, newest }) => newest ? <Name code>{newest.path}</Name> : node.kind === 'seed' && node.definition ? <Name code>{node.definition}</Name> : '' },
      { head: w.when, tight: true, cell: ({ newest, node }) => newest?.at ? time(newest.at, data.made_at) : node.freshness?.newest && time(node.freshness.newest, data.made_at) },
      { head: w.records, num: true, cell: ({ newest }) => newest?.records !== undefined && number(newest.records) },
      { head: w.state, cell: ({ origin }) => <NodeState index={origin} /> },
    ]} />
    {lookups.length > 0 && <details><summary>{w.lookup}</summary><p>{w.lookupIntro}</p>
      {lookups.map(({ node, origin }) => <><p><NodeLink index={origin} /></p><Query sql={node.lookup!} label={`${w.lookup}, ${node.name}`} /></>)}</details>}
  </section>;
}
