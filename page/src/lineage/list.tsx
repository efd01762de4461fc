// What the picture shows, as a list: from left to right, and what each reads and is read by.
import { useState } from 'preact/hooks';
import { useData } from '../parts/context';
import { NodeLink, NodeState } from '../parts/text';
import { number } from '../format';
import { link, nodeLink } from '../route';
import { w } from '../words';
import { Badge } from './badge';
import type { Layout } from './layout';

export function LineageList({ layout, focus }: { layout: Layout; focus: number | undefined }) {
  const data = useData();
  const [most, show] = useState(40);
  const nodes = layout.nodes.slice().sort((a, b) => a.layer - b.layer || a.y - b.y);
  const names = (of: number[]) => of.length === 0 ? w.nothing : <>
    {of.slice(0, 6).map((other, at) => <>{at > 0 && ', '}<a href={nodeLink(data.nodes[other]!)}><bdi>{data.nodes[other]!.name}</bdi></a></>)}
    {of.length > 6 && `, … (${number(of.length)})`}</>;
  return <section class="lineage-list" aria-labelledby="as-list"><h2 id="as-list">{w.asList}</h2>
    <ol class="plain">{nodes.slice(0, most).map(({ index }) => <li class={index === focus ? 'focused' : ''}>
      <p class="row"><NodeLink index={index} /><NodeState index={index} own /><Badge data={data} index={index} /></p>
      <p class="quiet small">{w.reads}{w.colon}{names(data.parents[index]!)}<br />{w.readBy}{w.colon}{names(data.children[index]!)}
        {index !== focus && <><br /><a href={link('lineage', data.nodes[index]!.id)}>{w.centre}<span class="visually-hidden">{w.colon}<bdi>{data.nodes[index]!.name}</bdi></span></a></>}</p>
    </li>)}</ol>
    {nodes.length > most && <button type="button" class="more" onClick={() => show(most + 200)}>{w.showMore(number(nodes.length - most))}</button>}
  </section>;
}
