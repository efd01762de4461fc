// Which relations are shown: one with its neighbours, and what was widened from there; or all.
import { conditionOf, type Data } from '../data/data';
import type { Route } from '../route';

export interface Selection { focus: number | undefined; all: boolean; up: Set<number>; down: Set<number> }

export function selectionOf(data: Data, route: Route): Selection {
  const known = (ids: string[]) => new Set(ids.map((id) => data.byId.get(id)).filter((index): index is number => index !== undefined));
  const focus = route.id === undefined ? undefined : data.byId.get(route.id);
  const all = route.query.get('all') === '1' || (route.id === undefined && data.nodes.length <= 30);
  return { focus: focus ?? (all ? undefined : start(data)), all, up: known(route.query.getAll('up')), down: known(route.query.getAll('down')) };
}

/** Where one begins who asked for nothing: at what is wrong, else at what most is connected to. */
function start(data: Data): number | undefined {
  let best: number | undefined, most = -1;
  data.nodes.forEach((_, index) => {
    const condition = conditionOf(data, index);
    const worth = (condition === 'bad' ? 1e6 : condition === 'warn' ? 1e3 : 0) + Math.min(900, data.parents[index]!.length + data.children[index]!.length);
    if (worth > most) { most = worth; best = index; }
  });
  return best;
}

export function shownOf(data: Data, selection: Selection): number[] {
  if (selection.all) return data.nodes.map((_, index) => index);
  const shown = new Set<number>();
  const add = (nodes: number[]) => { for (const node of nodes) shown.add(node); };
  if (selection.focus !== undefined) {
    shown.add(selection.focus);
    add(data.parents[selection.focus]!);
    add(data.children[selection.focus]!);
  }
  // What was widened counts only where it can still be reached: a link may be older than the project.
  for (let more = true; more;) {
    const before = shown.size;
    for (const node of selection.up) if (shown.has(node)) add(data.parents[node]!);
    for (const node of selection.down) if (shown.has(node)) add(data.children[node]!);
    more = shown.size > before;
  }
  return [...shown];
}
