// The data as the sections ask for it: nothing is absent, and what belongs together is found by an index.
import type { PageData, Node, Test, Run, Failure } from './contract';

export interface Data extends PageData {
  nodes: Node[];
  tests: Test[];
  runs: Run[];
  failures: Failure[];
  /** Indexes of the nodes that a node reads, and of those that read it. */
  parents: number[][];
  children: number[][];
  /** Tests of a node, as indexes. */
  testsOf: number[][];
  /** How each node does: its last step, its freshness, its tests, and what failed of it. */
  conditions: Condition[];
  byId: Map<string, number>;
  runById: Map<number, Run>;
}

/** The SQL that runs, whether it is a text or told by lines. */
export function compiledOf(node: Node): string | undefined {
  if (!Array.isArray(node.compiled)) return node.compiled;
  const written = (node.written ?? '').split('\n');
  return node.compiled.map((line) => (typeof line === 'number' ? written[line] ?? '' : line)).join('\n');
}

/** What was done of a node, the last first. */
export const historyOf = (node: Node) => node.history ?? (node.last && node.last.status !== 'unchanged' ? [node.last] : []);

const list = <T>(value: T[] | undefined | null): T[] => (Array.isArray(value) ? value.filter((item) => item != null) : []);

export function prepare(page: PageData): Data {
  // Nodes keep their places: others name them by index.
  const nodes = Array.isArray(page.nodes) ? page.nodes : [];
  // What is absent because something else says it.
  for (const node of nodes) {
    node.since ??= node.last?.at;
    for (const column of list(node.columns)) if (column.distinct !== undefined) column.nulls ??= 0;
  }
  for (const test of list(page.tests)) test.since ??= test.at;
  const parents: number[][] = nodes.map(() => []);
  const children: number[][] = nodes.map(() => []);
  for (const [from, to] of list(page.edges)) {
    if (from === to || !nodes[from] || !nodes[to] || parents[to]!.includes(from)) continue;
    parents[to]!.push(from);
    children[from]!.push(to);
  }
  const tests = list(page.tests);
  const testsOf: number[][] = nodes.map(() => []);
  tests.forEach((test, index) => { if (test.node != null) testsOf[test.node]?.push(index); });
  const failures = list(page.failures);
  const conditions = nodes.map((node, index) => testsOf[index]!.reduce((worst, test) => worse(worst, conditionOfStatus(tests[test]!.status)), ownCondition(node)));
  for (const failure of failures) {
    const before = conditions[failure.node ?? -1];
    if (before) conditions[failure.node!] = worse(before, failure.severity === 'warning' ? 'warn' : 'bad');
  }
  const runs = list(page.runs);
  return {
    ...page, nodes, tests, runs, parents, children, testsOf, conditions,
    failures, problems: list(page.problems), jobs: list(page.jobs), days: list(page.days),
    byId: new Map(nodes.map((node, index) => [node.id, index])),
    runById: new Map(runs.map((run) => [run.id, run])),
  };
}

/** How a node does, of which the worst counts: what its last step, its tests and its freshness say. */
export type Condition = 'bad' | 'warn' | 'ok' | 'none';

export function conditionOfStatus(status: string | undefined): Condition {
  switch (status) {
    case 'failed': case 'fail': case 'error': case 'interrupted': case 'stale': case 'missed': return 'bad';
    case 'skipped': case 'warn': case 'late': case 'running': return 'warn';
    case undefined: case 'never': case 'skip': case 'unknown': return 'none';
    default: return 'ok';
  }
}

const ranks: Record<Condition, number> = { bad: 3, warn: 2, ok: 1, none: 0 };
export const worse = (a: Condition, b: Condition): Condition => (ranks[a] >= ranks[b] ? a : b);

/** What its last step and its freshness say, without its tests and what failed beside. */
export const ownCondition = (node: Node): Condition => worse(conditionOfStatus(node.status), node.freshness ? conditionOfStatus(node.freshness.status) : 'none');

export const conditionOf = (data: Data, index: number): Condition => data.conditions[index]!;
