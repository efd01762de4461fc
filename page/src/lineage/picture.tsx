// The picture: boxes in layers, of which only those are drawn that can be seen, so that a thousand are as quick as ten.
import { Component } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { conditionOf, type Data } from '../data/data';
import { useData } from '../parts/context';
import { Kind, NodeState } from '../parts/text';
import { nodeLink } from '../route';
import { w } from '../words';
import { Badge } from './badge';
import { box, way, type Layout } from './layout';

const zooms = [0.15, 0.25, 0.4, 0.6, 0.8, 1, 1.25];
interface View { x: number; y: number; width: number; height: number }

export function Picture({ layout, focus, shown, onWiden }: {
  layout: Layout; focus: number | undefined; shown: Set<number>; onWiden: (index: number, side: 'up' | 'down') => void;
}) {
  const data = useData();
  const place = useRef<HTMLDivElement>(null);
  const [zoom, set] = useState(1);
  const [view, look] = useState<View>({ x: 0, y: 0, width: 1400, height: 800 });
  /** What was clicked last stays where it was, though all around it moves. */
  const kept = useRef<{ index: number; x: number; y: number; side: 'up' | 'down' }>();

  const see = () => {
    const box = place.current;
    if (box) look({ x: box.scrollLeft / zoom, y: box.scrollTop / zoom, width: box.clientWidth / zoom, height: box.clientHeight / zoom });
  };
  useLayoutEffect(() => {
    let asked = 0;
    const scrolled = () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(see); };
    const box = place.current!;
    box.addEventListener('scroll', scrolled, { passive: true });
    const sized = new ResizeObserver(scrolled);
    sized.observe(box);
    return () => { cancelAnimationFrame(asked); box.removeEventListener('scroll', scrolled); sized.disconnect(); };
  }, [zoom]);
  useLayoutEffect(() => {
    const box = place.current!;
    const was = kept.current;
    kept.current = undefined;
    const first = layout.nodes.filter((node) => node.layer === 0);
    const centre = layout.nodes.find((node) => node.index === (was?.index ?? focus)) ?? first[first.length >> 1];
    if (centre && was) box.scrollTo({ left: centre.x * zoom - was.x, top: centre.y * zoom - was.y, behavior: 'instant' });
    else if (centre) toMiddle(box, centre.x * zoom, centre.y * zoom, zoom);
    see();
    if (was) box.querySelector<HTMLElement>(`[data-index="${was.index}"] a`)?.focus({ preventScroll: true });
  }, [layout]);
  const toZoom = (next: number) => {
    const box = place.current!;
    const middle = { x: (box.scrollLeft + box.clientWidth / 2) / zoom, y: (box.scrollTop + box.clientHeight / 2) / zoom };
    set(next);
    requestAnimationFrame(() => { box.scrollTo({ left: middle.x * next - box.clientWidth / 2, top: middle.y * next - box.clientHeight / 2, behavior: 'instant' }); });
  };
  const step = (by: number) => {
    const at = zooms.reduce((best, value, index) => (Math.abs(value - zoom) < Math.abs(zooms[best]! - zoom) ? index : best), 0);
    toZoom(zooms[Math.min(zooms.length - 1, Math.max(0, at + by))]!);
  };
  const fit = () => {
    const box = place.current!;
    toZoom(Math.min(1, Math.max(zooms[0]!, Math.min((box.clientWidth - 4) / layout.width, (box.clientHeight - 4) / layout.height))));
  };
  const widen = (index: number, side: 'up' | 'down') => {
    const node = layout.nodes.find((one) => one.index === index)!;
    const box = place.current!;
    kept.current = { index, side, x: node.x * zoom - box.scrollLeft, y: node.y * zoom - box.scrollTop };
    onWiden(index, side);
  };

  const margin = 250;
  const seen = layout.nodes.filter((node) => node.x + box.width > view.x - margin && node.x < view.x + view.width + margin
    && node.y + box.height > view.y - margin && node.y < view.y + view.height + margin);
  const [ways, own] = useMemo(() => {
    const of = (edges: Layout['edges']) => edges.map((edge) => way(edge.points)).join('');
    const near = (edge: Layout['edges'][0]) => edge.from === focus || edge.to === focus;
    return [of(layout.edges.filter((edge) => !near(edge))), of(layout.edges.filter(near))];
  }, [layout, focus]);
  return <div class="picture-frame">
    <div class="zoom controls">
      <button type="button" onClick={() => step(-1)} aria-label={w.zoomOut} title={w.zoomOut}>−</button>
      <button type="button" onClick={() => step(1)} aria-label={w.zoomIn} title={w.zoomIn}>+</button>
      <button type="button" onClick={fit}>{w.fit}</button>
    </div>
    <div class="picture" ref={place} tabIndex={0} role="group" aria-label={w.picture} style={{ height: Math.max(170, layout.height * Math.max(zoom, 0.6) + 20) }}>
      <div class="sheet" style={{ width: layout.width * zoom, height: layout.height * zoom }}>
        <div class={`graph${zoom < 0.5 ? ' far' : ''}`} style={{ width: layout.width, height: layout.height, transform: `scale(${zoom})` }}>
          <svg class="edges" width={layout.width} height={layout.height} aria-hidden="true" focusable="false"><path d={ways} /><path class="own" d={own} /></svg>
          {seen.map((node) => <Box key={node.index} data={data} index={node.index} x={node.x} y={node.y} focused={node.index === focus} far={zoom < 0.5}
            up={hidden(data.parents[node.index]!, shown)} down={hidden(data.children[node.index]!, shown)} onWiden={widen} />)}
        </div>
      </div>
    </div>
  </div>;
}

const hidden = (nodes: number[], shown: Set<number>) => nodes.reduce((sum, node) => sum + (shown.has(node) ? 0 : 1), 0);

function toMiddle(place: HTMLElement, x: number, y: number, zoom: number) {
  place.scrollTo({ left: x - (place.clientWidth - box.width * zoom) / 2, top: y - (place.clientHeight - box.height * zoom) / 2, behavior: 'instant' });
}

interface BoxProps {
  data: Data; index: number; x: number; y: number; focused: boolean; far: boolean; up: number; down: number; onWiden: (index: number, side: 'up' | 'down') => void;
}
/** A box is drawn anew only when it looks otherwise. */
class Box extends Component<BoxProps> {
  override shouldComponentUpdate(next: BoxProps) {
    const now = this.props;
    return next.x !== now.x || next.y !== now.y || next.focused !== now.focused || next.far !== now.far || next.up !== now.up || next.down !== now.down;
  }
  render({ data, index, x, y, focused, far, up, down, onWiden }: BoxProps) {
    const node = data.nodes[index]!;
    const condition = conditionOf(data, index);
    // Of a stream its tap is said in smaller letters, so that its own name has the place.
    const outer = node.schema && node.name.startsWith(`${node.schema}.`) ? node.schema : '';
    return <div class={`box kind-${node.kind} ${condition}${focused ? ' focused' : ''}`} style={{ left: x, top: y, width: box.width, height: box.height }} data-index={index}>
      <a href={nodeLink(node)} title={node.name}><bdi>{outer ? node.name.slice(outer.length + 1) : node.name}</bdi></a>
      {!far && <>
        <span class="box-line"><Kind of={node.kind} />{outer && <bdi class="outer">{outer}</bdi>}</span>
        <span class="box-line"><NodeState index={index} own /><Badge data={data} index={index} /></span>
        {up > 0 && <button type="button" class="plus up" aria-label={w.widenUp(node.name, up)} onClick={() => onWiden(index, 'up')}>+{up}</button>}
        {down > 0 && <button type="button" class="plus down" aria-label={w.widenDown(node.name, down)} onClick={() => onWiden(index, 'down')}>+{down}</button>}
      </>}
    </div>;
  }
}
