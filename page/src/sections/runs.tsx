// Runs: when each was, how long it took against usual, and its steps.
import type { Run } from '../data/contract';
import { conditionOfStatus } from '../data/data';
import { useData } from '../parts/context';
import { Advice } from '../parts/copy';
import { counts } from '../parts/counts';
import { Fact, Facts } from '../parts/facts';
import { Strip } from '../parts/strip';
import { Table } from '../parts/table';
import { Name, NodeLink, Prose, Status } from '../parts/text';
import { Took } from '../parts/took';
import { dayAfter, duration, number, time, weekday } from '../format';
import { link, type Route } from '../route';
import { w, word } from '../words';
import { Timeline } from './timeline';

/** "job nightly", "load *": what was called. */
export const Call = ({ of }: { of: { kind?: string; name?: string } }) =>
  <span class="call"><span class="quiet">{word(w.runKind, of.kind)}</span>{of.kind && of.name && ' '}{of.name && <Name>{of.name}</Name>}</span>;

export function Runs({ route }: { route: Route }) {
  const data = useData();
  const run = route.id === undefined ? undefined : data.runById.get(Number(route.id));
  if (data.audience?.sees === 'relations') return <><h1 tabIndex={-1}>{w.sections.runs}</h1><p>{w.runsHidden}</p></>;
  return <>
    <h1 tabIndex={-1}>{run ? <>{w.runTitle(run.id)}{w.colon}<Call of={run} /></> : w.sections.runs}</h1>
    {route.id !== undefined && (run ? <Detail key={run.id} run={run} /> : <p class="note">{w.runGone(route.id)}</p>)}
    {data.runs.length === 0 ? <p>{w.noRuns}</p> : <>
      <section aria-labelledby="timeline"><h2 id="timeline">{w.timeline}</h2><p class="quiet">{w.timelineIntro(data.runs.length)}</p><Timeline current={run} /></section>
      <section aria-labelledby="last"><h2 id="last">{w.lastRuns}</h2>
        <Table label={w.lastRuns} rows={data.runs} columns={[
          { head: w.started, main: true, tight: true, cell: (one) => <a href={link('runs', one.id)} aria-current={one === run ? 'true' : undefined}>{one.started ? time(one.started, data.made_at) : w.runTitle(one.id)}</a> },
          { head: w.call, cell: (one) => <Call of={one} /> },
          { head: w.state, cell: (one) => <Status of={one.status} /> },
          { head: w.tookUsual, cell: (one) => one.seconds !== undefined && <Took seconds={one.seconds} usual={one.usual} /> },
          { head: w.steps, cell: (one) => sums(one) && <StepSum run={one} /> },
        ]} /></section>
    </>}
    <Older />
  </>;
}

/** How many steps a run had, which of them are not told one by one, and which failed. */
function sums(run: Run): string {
  const told = run.steps?.length ?? 0;
  return [told && w.stepsOf(told), run.unchanged && w.unchangedOf(run.unchanged), run.passed && w.passedOf(run.passed)].filter(Boolean).join(', ');
}

function StepSum({ run }: { run: Run }) {
  const bad = (run.steps ?? []).filter((step) => conditionOfStatus(step.status) === 'bad').length;
  return <>{sums(run)}{bad > 0 && <>, <Status condition="bad">{number(bad)} {word(w.status, 'failed')}</Status></>}</>;
}

function Detail({ run }: { run: Run }) {
  const data = useData();
  const steps = run.steps ?? [];
  return <section class="detail" aria-label={w.runTitle(run.id)}>
    <Facts facts={[
      [w.state, <Status of={run.status} />],
      [w.started, run.started && <>{time(run.started, data.made_at)}{run.scheduled_for && <span class="quiet"> ({w.dueAt(time(run.scheduled_for, data.made_at))})</span>}</>],
      [w.tookUsual, run.seconds !== undefined && <Took seconds={run.seconds} usual={run.usual} />],
      [w.steps, sums(run)],
      [w.role, run.role && <Name>{run.role}</Name>],
    ]} />
    {(run.message || run.detail || run.hint) && <div class={`card ${conditionOfStatus(run.status) === 'bad' ? 'error' : 'warning'}`}>
      <dl>
        {run.message && <Fact name={w.why}><Prose text={run.message} /></Fact>}
        {run.detail && <Fact name={w.detail}><Prose text={run.detail} /></Fact>}
        {run.hint && <Fact name={w.hint}><Advice text={run.hint} /></Fact>}
      </dl></div>}
    {steps.length === 0 ? !sums(run) && <p>{w.noSteps}</p> : <Table label={w.steps} rows={steps} columns={[
      { head: w.step, main: true, cell: (step) => step.node !== undefined && data.nodes[step.node] ? <NodeLink index={step.node} /> : <Call of={step} /> },
      { head: w.state, cell: (step) => <><Status of={step.status} condition={step.warnings && conditionOfStatus(step.status) === 'ok' ? 'warn' : conditionOfStatus(step.status)} />{step.warnings ? <span class="quiet"> · {w.warningsCount(step.warnings)}</span> : null}</> },
      { head: w.took, num: true, tight: true, cell: (step) => step.seconds !== undefined && duration(step.seconds) },
      { head: w.result, cell: (step) => counts(step) },
      { head: w.why, cell: (step) => (step.message || step.why) && <><Prose text={step.message} /><Prose text={step.why} class="quiet" /></> },
    ]} />}
  </section>;
}

/** Runs that are not told one by one: a strip of days for each call, and the sums of each day. */
function Older() {
  const data = useData();
  const days = data.days ?? [];
  if (!days.length) return data.runs.length ? <p class="quiet">{w.olderNone}</p> : null;
  const calls = new Map<string, typeof days>();
  for (const one of days) {
    const key = `${one.kind} ${one.name}`;
    const of = calls.get(key);
    if (of) of.push(one);
    else calls.set(key, [one]);
  }
  const from = days.reduce((least, one) => (one.day < least ? one.day : least), days[0]!.day);
  const to = days.reduce((most, one) => (one.day > most ? one.day : most), days[0]!.day);
  return <section aria-labelledby="older"><h2 id="older">{w.older}</h2>
    <ul class="older plain">{[...calls.values()].map((of) => {
      const byDay = new Map(of.map((one) => [one.day, one.failed ? 'f' : 'p']));
      let text = '';
      for (let day = from, count = 0; day <= to && count < 100; day = dayAfter(from, ++count)) text += byDay.get(day) ?? '-';
      return <li><Call of={of[0]!} /><Strip days={text} /></li>;
    })}</ul>
    <p class="quiet small">{w.covers(weekday(from), weekday(to))}</p>
    <details><summary>{w.asTable}</summary>
      <Table label={w.older} rows={days} most={100} columns={[
        { head: w.day, main: true, tight: true, cell: (one) => weekday(one.day) },
        { head: w.call, cell: (one) => <Call of={one} /> },
        { head: w.runsWord, num: true, cell: (one) => one.runs !== undefined && number(one.runs) },
        { head: w.failedWord, num: true, cell: (one) => one.failed ? <Status condition="bad">{number(one.failed)}</Status> : '' },
        { head: w.seconds, num: true, cell: (one) => one.seconds !== undefined && duration(one.seconds) },
      ]} /></details>
  </section>;
}
