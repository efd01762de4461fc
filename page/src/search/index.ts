// What can be found: names first, then columns, tests, jobs and descriptions.
import type { Data } from '../data/data';
import { link, nodeLink } from '../route';

export type Field = 'name' | 'column' | 'description' | 'test' | 'job';
export interface Entry { field: Field; text: string; of: string; kind: string; href: string; folded: string }

/** Without case and accents, as one types it. */
export const plain = (text: string) => text.normalize('NFD').replace(/\p{Mn}/gu, '').toLowerCase();

export function entries(data: Data): Entry[] {
  const all: Entry[] = [];
  const add = (field: Field, text: string | undefined, of: string, kind: string, href: string) => {
    if (text) all.push({ field, text, of, kind, href, folded: plain(text) });
  };
  for (const node of data.nodes) add('name', node.name, '', node.kind, nodeLink(node));
  for (const job of data.jobs!) add('job', job.name, '', 'job', link('state'));
  for (const node of data.nodes) for (const column of node.columns ?? []) add('column', column.name, node.name, node.kind, nodeLink(node));
  for (const test of data.tests) {
    const of = test.node === undefined ? test.target ?? '' : data.nodes[test.node]?.name ?? '';
    add('test', test.name, [of, test.column].filter(Boolean).join('.'), 'test', link('tests', undefined, { q: [of, test.name].filter(Boolean).join(' ') }));
  }
  for (const node of data.nodes) {
    add('description', node.description, node.name, node.kind, nodeLink(node));
    for (const column of node.columns ?? []) add('description', column.description, `${node.name}.${column.name}`, node.kind, nodeLink(node));
  }
  return all;
}

const weight: Record<Field, number> = { name: 0, job: 1, column: 2, test: 3, description: 4 };

/** Those that hold all the words; what begins with them, and what is called by them, first. */
export function find(all: Entry[], wanted: string, most: number): { found: Entry[]; more: number } {
  const parts = plain(wanted).split(/\s+/).filter(Boolean);
  if (!parts.length) return { found: [], more: 0 };
  const whole = parts.join(' ');
  const ranked: { entry: Entry; rank: number }[] = [];
  for (const entry of all) {
    const text = `${entry.folded} ${plain(entry.of)}`;
    if (!parts.every((part) => text.includes(part)) || !parts.some((part) => entry.folded.includes(part))) continue;
    const at = entry.folded.indexOf(whole);
    ranked.push({ entry, rank: weight[entry.field] * 10 + (entry.folded === whole ? 0 : at === 0 ? 1 : at > 0 && /[^\p{L}\p{N}]/u.test(entry.folded[at - 1]!) ? 2 : 3) });
  }
  ranked.sort((a, b) => a.rank - b.rank || a.entry.folded.length - b.entry.folded.length);
  return { found: ranked.slice(0, most).map(({ entry }) => entry), more: Math.max(0, ranked.length - most) };
}
