// Tests, those in trouble first: what each says, since when, and its days.
import { useMemo, useState } from 'preact/hooks';
import type { Test } from '../data/contract';
import { conditionOfStatus } from '../data/data';
import { useData } from '../parts/context';
import { Query } from '../parts/copy';
import { Facts } from '../parts/facts';
import { Strip } from '../parts/strip';
import { Name, NodeLink, Prose, Status } from '../parts/text';
import { duration, number, time } from '../format';
import { plain } from '../search/index';
import { link, replace, type Route } from '../route';
import { w, word } from '../words';

const order = { bad: 0, warn: 1, none: 3, ok: 2 };

export function Tests({ route }: { route: Route }) {
  const data = useData();
  const wanted = route.query.get('q') ?? '', trouble = route.query.get('only') === 'trouble';
  const set = (change: { q?: string; only?: string }) => replace(link('tests', undefined, { q: wanted, only: trouble ? 'trouble' : '', ...change }));
  const tests = useMemo(() => {
    const parts = plain(wanted).split(/\s+/).filter(Boolean);
    return data.tests
      .filter((test) => !trouble || ['bad', 'warn'].includes(conditionOfStatus(test.status)))
      .filter((test) => { const text = plain([test.name, test.test ?? '', test.target ?? '', test.column ?? ''].join(' ')); return parts.every((part) => text.includes(part)); })
      .map((test, at) => ({ test, at })).sort((a, b) => order[conditionOfStatus(a.test.status)] - order[conditionOfStatus(b.test.status)] || a.at - b.at).map(({ test }) => test);
  }, [data, wanted, trouble]);
  return <>
    <h1 tabIndex={-1}>{w.sections.tests}</h1>
    {data.tests.length === 0 ? <p>{w.noTests}</p> : <>
      <div class="controls">
        <label>{w.filter}<input type="search" value={wanted} placeholder={w.testFilterHint} size={30} onInput={(event) => set({ q: event.currentTarget.value })} /></label>
        <label class="check"><input type="checkbox" checked={trouble} onChange={(event) => set({ only: event.currentTarget.checked ? 'trouble' : '' })} /> {w.onlyTrouble}</label>
      </div>
      <p class="quiet">{w.testsIntro(tests.length)}. {w.stripLegend}</p>
      {tests.length === 0 ? <p>{w.noTestsMatch}</p> : <TestList key={`${wanted} ${trouble}`} tests={tests} />}
    </>}
  </>;
}

export function TestList({ tests, here }: { tests: Test[]; here?: boolean }) {
  const [shown, show] = useState(100);
  return <>
    <ul class="tests plain">{tests.slice(0, shown).map((test) => <li><OneTest test={test} here={here ?? false} /></li>)}</ul>
    {tests.length > shown && <button type="button" class="more" onClick={() => show(shown + 200)}>{w.showMore(number(tests.length - shown))}</button>}
  </>;
}

function OneTest({ test, here }: { test: Test; here: boolean }) {
  const data = useData();
  const bad = ['bad', 'warn'].includes(conditionOfStatus(test.status));
  const [open, set] = useState(false);
  const place = [here || test.node !== undefined ? undefined : test.target, test.column].filter(Boolean).join('.');
  return <details open={open} onToggle={(event) => set(event.currentTarget.open)}>
    <summary>
      <Status of={test.status}>{test.status === undefined ? w.neverRun : word(w.status, test.status)}{bad && test.failures ? <>{w.colon}{w.failingRows(test.failures)}</> : null}</Status>
      <span class="test-name"><b><bdi>{test.name}</bdi></b>{' '}
        {!here && test.node !== undefined && data.nodes[test.node] && <span class="quiet"><bdi>{data.nodes[test.node]!.name}</bdi>{place && '.'}</span>}
        {place && <span class="quiet"><bdi>{place}</bdi></span>}
        {bad && test.since && <span class="quiet"> · {w.stateSince(time(test.since, data.made_at))}</span>}</span>
      {test.history && <Strip days={test.history.days} most={30} />}
    </summary>
    {open && <div class="inside">
      <Prose text={test.message} />
      <Facts facts={[
        [w.on, !here && (test.node !== undefined ? <NodeLink index={test.node} /> : test.target && <Name>{test.target}</Name>)],
        [w.test, test.test && test.test !== test.name && <Name code>{test.test}</Name>],
        [w.severity, test.severity && word(w.severityWord, test.severity)],
        [w.lastRun, test.at && <>{time(test.at, data.made_at)}{test.run !== undefined && <> · <a href={link('runs', test.run)}>{w.run} {test.run}</a></>}</>],
        [w.since, test.since && time(test.since, data.made_at)],
        [w.took, test.seconds !== undefined && duration(test.seconds)],
        [w.definedIn, test.definition && <Name code>{test.definition}</Name>],
        [w.arguments, test.arguments !== undefined && <Name code>{JSON.stringify(test.arguments)}</Name>],
      ]} />
      {test.history && <><p class="small-head">{w.historyOf(test.history.days.length)}</p><Strip days={test.history.days} /></>}
      {test.sql && <><p class="small-head">{w.testSql}</p><Query sql={test.sql} label={`${w.testSql}, ${test.name}`} /></>}
      {test.sample && test.sample.length > 0 && <><p class="small-head">{w.sample}</p><pre class="sql" tabIndex={0} role="group" aria-label={w.sample}><code dir="auto">{test.sample.map((row) => JSON.stringify(row)).join('\n')}</code></pre></>}
    </div>}
  </details>;
}
