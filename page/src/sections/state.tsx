// What one wants to know in the morning: a sentence, what failed and why, and what is next.
import type { Failure, Job, Problem } from '../data/contract';
import { useData } from '../parts/context';
import { Advice, Query } from '../parts/copy';
import { Fact } from '../parts/facts';
import { Gauge } from '../parts/gauge';
import { Kind, Name, NodeLink, Prose, Status } from '../parts/text';
import { Table } from '../parts/table';
import { conditionOfStatus } from '../data/data';
import { ago, duration, longTime, time, timeZone } from '../format';
import { link } from '../route';
import { w, word } from '../words';

export function State() {
  const data = useData();
  const errors = data.failures.filter((failure) => failure.severity !== 'warning');
  const kept = data.failures.filter((failure) => failure.severity === 'warning');
  const late = data.nodes.map((node, index) => ({ node, index })).filter(({ node }) => ['late', 'stale', 'unknown'].includes(node.freshness?.status ?? ''));
  const tests = data.tests.filter((test) => test.status === 'warn');
  const reader = data.audience?.sees === 'relations';
  return <>
    <Sentence />
    {!data.project && !reader && <section><Prose text={w.noProject} /><Query sql="SELECT * FROM baro_load_project();" /></section>}
    {reader && <p class="note">{w.onlyRelations}</p>}
    {errors.length > 0 && <section aria-labelledby="failed"><h2 id="failed">{w.whatFailed}</h2>{errors.map((failure) => <Card failure={failure} />)}</section>}
    {data.problems!.length > 0 && <Problems problems={data.problems!} />}
    {late.length > 0 && <section aria-labelledby="late"><h2 id="late">{w.lateData}</h2>
      <Table label={w.lateData} rows={late} columns={[
        { head: w.relation, main: true, cell: ({ index }) => <NodeLink index={index} /> },
        { head: w.state, cell: ({ node }) => <Status of={node.freshness!.status} /> },
        { head: w.newest, tight: true, cell: ({ node }) => node.freshness!.newest && time(node.freshness!.newest, data.made_at) },
        { head: w.since, tight: true, cell: ({ node }) => node.freshness!.since && time(node.freshness!.since, data.made_at) },
        { head: w.age, tight: true, cell: ({ node }) => node.freshness!.age && w.interval(node.freshness!.age) },
        { head: w.expected, cell: ({ node }) => node.freshness!.expected && w.interval(node.freshness!.expected) },
      ]} /></section>}
    {!reader && data.jobs && (data.jobs.length > 0 || data.project) && <Jobs jobs={data.jobs} />}
    {tests.length > 0 && <section aria-labelledby="warned"><h2 id="warned">{w.warnedTests}</h2>
      <Table label={w.warnedTests} rows={tests} columns={[
        { head: w.test, main: true, cell: (test) => <a href={link('tests', undefined, { q: test.name })}><bdi>{test.name}</bdi></a> },
        { head: w.on, cell: (test) => test.node !== undefined ? <NodeLink index={test.node} /> : test.target && <Name>{test.target}</Name> },
        { head: w.state, cell: (test) => <Status of="warn">{test.failures !== undefined ? w.failingRows(test.failures) : word(w.status, 'warn')}</Status> },
        { head: w.since, tight: true, cell: (test) => test.since && time(test.since, data.made_at) },
      ]} /></section>}
    {kept.length > 0 && <section aria-labelledby="kept"><h2 id="kept">{w.warningsKept}</h2>{kept.map((failure) => <Card failure={failure} />)}</section>}
  </>;
}

function Sentence() {
  const data = useData();
  const code = data.state?.code ?? 3;
  const project = data.project;
  const verdict = w.code[code] ?? w.code[3]!;
  return <header class={`state live code-${code}`}>
    <Gauge code={code} />
    <div class="say">
      {!data.state?.sentence?.startsWith(verdict) && <p class="verdict">{verdict}</p>}
      <h1 tabIndex={-1} class="sentence">{data.state?.sentence ?? w.noState}</h1>
      <p class="made">
        {data.made_at && w.made(longTime(data.made_at))}
        {data.valid_until && <>, {w.validUntil(longTime(data.valid_until))}</>} ({w.timesIn(timeZone())})
      </p>
      {project && (project.loaded_at || project.git_commit) && <p class="made">
        {project.loaded_at && w.projectRead(time(project.loaded_at, data.made_at))}
        {project.git_commit && <>, {w.commit} <code>{project.git_commit.slice(0, 12)}</code></>}
      </p>}
    </div>
  </header>;
}

/** A failure; `here`, on the page of what failed, it isn't named again. */
export function Card({ failure, here }: { failure: Failure; here?: boolean }) {
  const data = useData();
  const severity = failure.severity === 'warning' ? 'warning' : 'error';
  // What is broken comes first, and what was being done when it broke behind it.
  const known = failure.node !== undefined && data.nodes[failure.node] !== undefined;
  const node = data.nodes[failure.node ?? -1];
  const place = failure.place && failure.place !== node?.name && (here || failure.place !== `${node?.kind} ${node?.name}`) ? failure.place : undefined;
  const Head = here ? 'h2' : 'h3';
  return <article class={`card ${severity}`}>
    <Head><Status condition={severity === 'error' ? 'bad' : 'warn'}>
      {known && !here ? <NodeLink index={failure.node!} kind={false} /> : <bdi>{place ?? failure.what}</bdi>}
    </Status></Head>
    <p class="place">
      {known && !here && <Kind of={data.nodes[failure.node!]!.kind} />}
      {known && !here && place && <Name>{place}</Name>}
      {failure.what && ((known && !here) || place) && <span class="quiet"><Name code>{failure.what}</Name></span>}
    </p>
    <dl>
      {failure.why && <Fact name={w.why}><Prose text={failure.why} /></Fact>}
      {failure.at && <Fact name={w.since}>{time(failure.at, data.made_at)}{data.made_at && <span class="quiet"> ({ago(failure.at, new Date(data.made_at).getTime())})</span>}
        {failure.run !== undefined && <> · <a href={link('runs', failure.run)}>{w.run} {failure.run}</a></>}</Fact>}
      {failure.what_to_do && <Fact name={w.whatToDo}><Advice text={failure.what_to_do} /></Fact>}
    </dl>
  </article>;
}

function Problems({ problems }: { problems: Problem[] }) {
  return <section aria-labelledby="problems"><h2 id="problems">{w.problems}</h2><p>{w.problemsIntro}</p>
    {problems.map((problem) => <article class="card error">
      <h3><Status condition="bad"><bdi>{problem.message ?? problem.name}</bdi></Status></h3>
      <p class="place">
        {problem.node !== undefined ? <NodeLink index={problem.node} /> : problem.name && <>{problem.kind && `${word(w.kind, problem.kind)} `}<Name>{problem.name}</Name></>}
        {problem.file && <Name code>{problem.file}{problem.line !== undefined && `:${problem.line}`}</Name>}
      </p>
      <dl>
        {problem.detail && <Fact name={w.why}><Prose text={problem.detail} /></Fact>}
        {problem.hint && <Fact name={w.whatToDo}><Advice text={problem.hint} /></Fact>}
      </dl>
    </article>)}
  </section>;
}

function Jobs({ jobs }: { jobs: Job[] }) {
  const data = useData();
  return <section aria-labelledby="jobs"><h2 id="jobs">{w.jobs}</h2>
    {jobs.length === 0 ? <p>{w.noJobs}</p> : <Table label={w.jobs} rows={jobs} columns={[
      { head: w.job, main: true, cell: (job) => <><Name>{job.name}</Name><Prose text={job.description} class="quiet" /></> },
      { head: w.lastRun, cell: (job) => job.last && <>
        <Status of={job.last.status} condition={job.last.warnings && conditionOfStatus(job.last.status) === 'ok' ? 'warn' : conditionOfStatus(job.last.status)} />{' '}
        {job.last.started && (job.last.run !== undefined ? <a href={link('runs', job.last.run)}>{time(job.last.started, data.made_at)}</a> : time(job.last.started, data.made_at))}
        {job.last.warnings ? <span class="quiet"> · {w.warningsCount(job.last.warnings)}</span> : null}
        <Prose text={job.last.message} class="quiet" /></> },
      { head: w.took, tight: true, cell: (job) => job.last?.seconds !== undefined && <>{duration(job.last.seconds)}{job.usual !== undefined && <span class="quiet">, {w.usual} {duration(job.usual)}</span>}</> },
      { head: w.next, cell: (job) => <>
        {job.missed && <p><Status of="missed">{w.missedAt(time(job.missed, data.made_at))}</Status></p>}
        {job.next ? time(job.next, data.made_at) : job.after ? <>{w.afterJob('')}<Name>{job.after}</Name></> : job.state && <Status condition={job.state === 'not scheduled' ? 'warn' : 'none'}>{word(w.status, job.state)}</Status>}</> },
      { head: w.every, tight: true, cell: (job) => job.interval && <><code dir="ltr">{job.interval}</code>{job.timezone && job.timezone !== data.project?.timezone && <span class="quiet"> {job.timezone}</span>}</> },
      { head: w.steps, cell: (job) => job.steps?.length ? <span class="steps">{job.steps.map((step, index) => <>{index > 0 && ', '}<Name code>{step}</Name></>)}</span> : '' },
    ]} />}
  </section>;
}
