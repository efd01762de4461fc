// A relation: all that is known of it, what is needed first at the top.
import { Fragment } from 'preact';
import type { Node } from '../../data/contract';
import { compiledOf, conditionOf, historyOf, ownCondition } from '../../data/data';
import { useData } from '../../parts/context';
import { Query } from '../../parts/copy';
import { Facts } from '../../parts/facts';
import { Kind, Name, NodeLink, NodeState, Prose, Status } from '../../parts/text';
import { Sql } from '../../parts/sql';
import { CopyButton } from '../../parts/copy';
import { Tabs } from '../../parts/tabs';
import { bytes, day, number, time } from '../../format';
import { link } from '../../route';
import { w } from '../../words';
import { Card } from '../state';
import { TestList } from '../tests';
import { Columns } from './columns';
import { ComesFrom, Files, Rejects } from './files';
import { History, RowsOverTime } from './history';

export function NodePage({ id }: { id: string | undefined }) {
  const data = useData();
  const index = data.byId.get(id ?? '');
  const node = index === undefined ? undefined : data.nodes[index];
  if (index === undefined || !node) return <>
    <h1 tabIndex={-1}>{w.sections.node}</h1>
    <p>{w.notFound(id ?? '')}</p>
    <p><a href={link('relations')}>{w.sections.relations}</a></p>
  </>;
  const failures = data.failures.filter((failure) => failure.node === index);
  const tests = data.testsOf[index]!.map((test) => data.tests[test]!);
  return <Fragment key={node.id}>
    <p class="over"><Kind of={node.kind} /></p>
    <h1 tabIndex={-1}><bdi>{node.name}</bdi></h1>
    <p class="under"><NodeState index={index} />{node.since && ownCondition(node) === conditionOf(data, index) && <span class="quiet"> {w.stateSince(time(node.since, data.made_at))}</span>}
      {' · '}<a href={link('lineage', node.id)}>{w.showInLineage}</a></p>
    <Prose text={node.description} class="lead" />
    {failures.map((failure) => <Card failure={failure} here />)}
    {node.last?.message && !failures.length && <Prose text={node.last.message} class="note" />}
    <NodeFacts node={node} />
    <Neighbours index={index} />
    {(node.kind === 'model' || node.kind === 'snapshot') && <ComesFrom index={index} />}
    {node.kind === 'stream' && <Files node={node} />}
    {node.rejects && node.rejects.length > 0 && <Rejects rejects={node.rejects} />}
    {node.kind === 'stream' && <Lookup node={node} />}
    <Columns node={node} />
    {node.rows_by_day && <RowsOverTime rows={node.rows_by_day} />}
    {tests.length > 0 && <section aria-labelledby="tests"><h2 id="tests">{w.tests}</h2><TestList tests={tests} here /></section>}
    <NodeSql node={node} />
    {node.kind !== 'stream' && <Lookup node={node} />}
    {historyOf(node).length > 0 && <History node={node} />}
  </Fragment>;
}

const identifier = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

function Lookup({ node }: { node: Node }) {
  const stream = node.kind === 'stream';
  const title = stream ? w.lookup : w.lookupModel;
  const sql = node.lookup ?? (node.exists && node.relation && node.schema ? `SELECT * FROM ${identifier(node.schema)}.${identifier(node.relation)} LIMIT 20;` : undefined);
  return sql ? <section aria-labelledby="lookup"><h2 id="lookup">{title}</h2>{stream && <p>{w.lookupIntro}</p>}<Query sql={sql} label={title} /></section> : null;
}

function NodeFacts({ node }: { node: Node }) {
  const data = useData();
  const period = node.period;
  return <Facts facts={[
    [w.inDatabase, node.relation && <><Name code>{node.schema ? `${node.schema}.${node.relation}` : node.relation}</Name>{node.exists === false && <>{' '}<Status condition="warn">{w.missing}</Status></>}</>],
    [w.definedIn, node.definition && <Name code>{node.definition}</Name>],
    [w.materialized, node.materialized && <Name>{node.materialized}</Name>],
    [w.lastLoaded, node.loaded_at && time(node.loaded_at, data.made_at)],
    [w.rows, node.rows !== undefined && number(node.rows)],
    [w.size, bytes(node.bytes)],
    [w.periodWord, period && (period.from || period.to) && <>{w.covers(period.from ? day(period.from) : '…', period.to ? day(period.to) : '…')}
      {period.column && <span class="quiet"> {w.byColumn('')}<Name>{period.column}</Name></span>}</>],
    [w.freshness, node.freshness && <><Status of={node.freshness.status} />{node.freshness.since && <span class="quiet"> {w.stateSince(time(node.freshness.since, data.made_at))}</span>}
      <span class="quiet">{[node.freshness.age && w.interval(node.freshness.age), node.freshness.newest && w.newestAt(time(node.freshness.newest, data.made_at)), node.freshness.expected && `${w.expected}${w.colon}${w.interval(node.freshness.expected)}`].filter(Boolean).map((part) => <> · {part}</>)}</span></>],
    [w.tags, node.tags?.length ? node.tags.map((tag, at) => <>{at > 0 && ', '}<Name>{tag}</Name></>) : undefined],
  ]} />;
}

function Neighbours({ index }: { index: number }) {
  const data = useData();
  const side = (name: string, nodes: number[], none: string) => <div><h3>{name}</h3>
    {nodes.length ? <ul class="plain">{nodes.map((other) => <li><NodeLink index={other} /> <NodeState index={other} /></li>)}</ul> : <p class="quiet">{none}</p>}</div>;
  return <section aria-labelledby="neighbours"><h2 id="neighbours">{w.neighbours}</h2>
    <div class="two">{side(w.upstream, data.parents[index]!, w.readsNothing)}{side(w.downstream, data.children[index]!, w.readByNothing)}</div>
  </section>;
}

function NodeSql({ node }: { node: Node }) {
  const masked = !useData().audience?.samples;
  const tabs = ([[w.asWritten, node.written], [w.asCompiled, compiledOf(node)]] as const).filter(([, text]) => text).map(([name, text]) => ({
    name, content: () => <div class="query"><Sql text={text!} label={`SQL, ${name}`} /><CopyButton text={text!} label={`SQL, ${name}`} /></div>,
  }));
  if (!tabs.length) return null;
  return <section aria-labelledby="sql"><h2 id="sql">{w.sql}</h2>{masked && <p class="quiet">{w.sqlMasked}</p>}<Tabs label={w.sql} tabs={tabs} /></section>;
}
