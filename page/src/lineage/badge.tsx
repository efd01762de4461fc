import { conditionOfStatus, type Data } from '../data/data';
import { Status } from '../parts/text';
import { w } from '../words';

/** What the tests of a node say, in a few words. */
export function TestBadge({ data, index }: { data: Data; index: number }) {
  const tests = data.testsOf[index]!;
  if (!tests.length) return null;
  const conditions = tests.map((test) => conditionOfStatus(data.tests[test]!.status));
  const bad = conditions.filter((condition) => condition === 'bad').length, warn = conditions.filter((condition) => condition === 'warn').length;
  if (bad) return <span class="badge"><Status condition="bad">{w.testsBad(bad)}</Status></span>;
  if (warn) return <span class="badge"><Status condition="warn">{w.testsWarn(warn)}</Status></span>;
  return <span class="badge quiet">{w.testBadge(tests.length)}</span>;
}
