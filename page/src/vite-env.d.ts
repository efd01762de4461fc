declare module '*.css';
// Parts of dagre that have no types of their own.
declare module '@dagrejs/dagre/lib/layout.js' {
  import type Graph from '@dagrejs/graphlib/lib/graph.js';
  export default function layout(graph: Graph): void;
}
declare module '@dagrejs/graphlib/lib/graph.js' {
  export default class Graph {
    setGraph(options: object): void;
    graph(): unknown;
    setDefaultEdgeLabel(make: () => object): void;
    setNode(name: string, size: { width: number; height: number }): void;
    setEdge(from: string, to: string): void;
    node(name: string): { x: number; y: number };
    edge(from: string, to: string): { points: { x: number; y: number }[] };
  }
}
declare module '@dagrejs/graphlib/lib/alg/*' {
  import type Graph from '@dagrejs/graphlib/lib/graph.js';
  export default function order(graph: Graph, from: string | string[]): string[];
}
