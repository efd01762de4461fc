import { conditionOf, conditionOfStatus, ownCondition, type Data } from '../data/data';
import { Status } from '../parts/text';
import { w } from '../words';

/** What the tests of a node say in a few words, or that something of it failed which its own state doesn't say. */
export function Badge({ data, index }: { data: Data; index: number }) {
  const tests = data.testsOf[index]!;
  const conditions = tests.map((test) => conditionOfStatus(data.tests[test]!.status));
  const bad = conditions.filter((condition) => condition === 'bad').length, warn = conditions.filter((condition) => condition === 'warn').length;
  if (bad) return <span class="badge"><Status condition="bad">{w.testsBad(bad)}</Status></span>;
  const condition = conditionOf(data, index);
  if (condition === 'bad' && ownCondition(data.nodes[index]!) !== 'bad') return <span class="badge"><Status condition="bad">{w.code[2]}</Status></span>;
  if (warn) return <span class="badge"><Status condition="warn">{w.testsWarn(warn)}</Status></span>;
  return tests.length === 0 ? null : <span class="badge quiet">{w.testBadge(tests.length)}</span>;
}
