// Places of nodes and ways of edges, in layers from left to right: dagre's where they are few, and above that layers by the longest way
// with neighbours near each other, which takes milliseconds for thousands.
import dagre from '@dagrejs/dagre/lib/layout.js';
import { Graph } from './graphlib';

export const box = { width: 232, height: 76 };
const between = { layers: 70, nodes: 16 };
const most = 40;

export interface Point { x: number; y: number }
export interface Placed { index: number; x: number; y: number; layer: number }
export interface Layout { nodes: Placed[]; edges: { from: number; to: number; points: Point[] }[]; width: number; height: number }

export function layOut(shown: number[], parents: number[][]): Layout {
  const known = new Set(shown);
  const edges: [number, number][] = [];
  for (const to of shown) for (const from of parents[to]!) if (known.has(from)) edges.push([from, to]);
  return shown.length <= most && edges.length <= 1.5 * most ? byDagre(shown, edges) : byLayers(shown, edges);
}

function byDagre(shown: number[], edges: [number, number][]): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: between.nodes, ranksep: between.layers, edgesep: 8, marginx: 30, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const index of shown) graph.setNode(String(index), { width: box.width, height: box.height });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to));
  dagre(graph);
  const columns = [...new Set(shown.map((index) => Math.round(graph.node(String(index)).x)))].sort((a, b) => a - b);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    nodes: shown.map((index) => {
      const { x, y } = graph.node(String(index));
      return { index, x: x - box.width / 2, y: y - box.height / 2, layer: columns.indexOf(Math.round(x)) };
    }),
    // dagre ends a way where it meets the box; here it leaves at the right side and arrives at the left one.
    edges: edges.map(([from, to]) => {
      const a = graph.node(String(from)), b = graph.node(String(to));
      const inner = graph.edge(String(from), String(to)).points.slice(1, -1).filter((point) => point.x > a.x + box.width / 2 + 8 && point.x < b.x - box.width / 2 - 8);
      return { from, to, points: [{ x: a.x + box.width / 2, y: a.y }, ...(inner.length > 1 ? inner : []), { x: b.x - box.width / 2, y: b.y }] };
    }),
    width: size.width ?? 0, height: size.height ?? 0,
  };
}

/** Layers by the longest way from what reads nothing; what goes in a circle, which a project can't, stays where it was reached. */
export function layersOf(shown: number[], edges: [number, number][]): Map<number, number> {
  const layer = new Map(shown.map((index) => [index, 0]));
  const waits = new Map<number, number>(), next = new Map<number, number[]>();
  for (const [from, to] of edges) {
    waits.set(to, (waits.get(to) ?? 0) + 1);
    const of = next.get(from);
    if (of) of.push(to);
    else next.set(from, [to]);
  }
  const ready = shown.filter((index) => !waits.get(index));
  for (let at = 0; at < ready.length; at++) for (const to of next.get(ready[at]!) ?? []) {
    layer.set(to, Math.max(layer.get(to)!, layer.get(ready[at]!)! + 1));
    waits.set(to, waits.get(to)! - 1);
    if (waits.get(to) === 0) ready.push(to);
  }
  return layer;
}

function byLayers(shown: number[], edges: [number, number][]): Layout {
  const layer = layersOf(shown, edges);
  const columns: number[][] = [];
  for (const index of shown) (columns[layer.get(index)!] ??= []).push(index);
  const before = new Map<number, number[]>(), after = new Map<number, number[]>();
  for (const [from, to] of edges) {
    (before.get(to) ?? before.set(to, []).get(to)!).push(from);
    (after.get(from) ?? after.set(from, []).get(from)!).push(to);
  }
  // A place is a share of its column, so that columns of other lengths can be compared.
  const place = new Map<number, number>();
  const number = (column: number[]) => column.forEach((index, at) => place.set(index, (at + 0.5) / column.length));
  for (let at = 0; at < columns.length; at++) number((columns[at] ??= []));
  const sweep = (column: number[], neighbours: Map<number, number[]>) => {
    const middle = new Map(column.map((index) => {
      const of = neighbours.get(index) ?? [];
      return [index, of.length ? of.reduce((sum, other) => sum + place.get(other)!, 0) / of.length : place.get(index)!];
    }));
    column.sort((a, b) => middle.get(a)! - middle.get(b)!);
    number(column);
  };
  for (let round = 0; round < 3; round++) {
    for (let at = 1; at < columns.length; at++) sweep(columns[at]!, before);
    for (let at = columns.length - 2; at >= 0; at--) sweep(columns[at]!, after);
  }
  const tall = Math.max(1, ...columns.map((column) => column.length));
  const height = tall * (box.height + between.nodes) + 40;
  const nodes: Placed[] = [];
  const placed = new Map<number, Placed>();
  columns.forEach((column, at) => column.forEach((index, row) => {
    const node = { index, layer: at, x: 30 + at * (box.width + 2 * between.layers), y: (height - column.length * (box.height + between.nodes)) / 2 + row * (box.height + between.nodes) };
    nodes.push(node);
    placed.set(index, node);
  }));
  return {
    nodes, width: 60 + columns.length * (box.width + 2 * between.layers) - 2 * between.layers, height,
    edges: edges.map(([from, to]) => {
      const a = placed.get(from)!, b = placed.get(to)!;
      return { from, to, points: [{ x: a.x + box.width, y: a.y + box.height / 2 }, { x: b.x, y: b.y + box.height / 2 }] };
    }),
  };
}

/** A line through the points that leaves and arrives level. */
export function way(points: Point[]): string {
  const round = (value: number) => Math.round(value * 10) / 10;
  let text = `M${round(points[0]!.x)} ${round(points[0]!.y)}`;
  for (let at = 1; at < points.length; at++) {
    const a = points[at - 1]!, b = points[at]!, middle = round((a.x + b.x) / 2);
    text += `C${middle} ${round(a.y)} ${middle} ${round(b.y)} ${round(b.x)} ${round(b.y)}`;
  }
  return text;
}
