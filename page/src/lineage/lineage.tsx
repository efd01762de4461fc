// What reads what: one relation with its neighbours, widened from there, or all.
import { useMemo } from 'preact/hooks';
import { useData } from '../parts/context';
import { follow, link, replace, type Route } from '../route';
import { plain } from '../search/index';
import { w } from '../words';
import { layOut } from './layout';
import { LineageList } from './list';
import { Picture } from './picture';
import { selectionOf, shownOf } from './select';

export function Lineage({ route }: { route: Route }) {
  const data = useData();
  const place = `${route.id ?? ''}?${route.query}`;
  const selection = useMemo(() => selectionOf(data, route), [data, place]);
  const shown = useMemo(() => shownOf(data, selection), [data, selection]);
  const known = useMemo(() => new Set(shown), [shown]);
  const layout = useMemo(() => layOut(shown, data.parents), [shown, data]);
  const focus = selection.focus;
  const node = focus === undefined ? undefined : data.nodes[focus];

  const names = useMemo(() => <datalist id="all-nodes">{data.nodes.map((one) => <option value={one.name} />)}</datalist>, [data]);
  if (!data.nodes.length) return <><h1 tabIndex={-1}>{w.sections.lineage}</h1><p>{w.noNodes}</p></>;
  const widen = (index: number, side: 'up' | 'down') => {
    const query = new URLSearchParams(route.query);
    query.append(side, data.nodes[index]!.id);
    replace(`${link('lineage', node?.id)}?${query}`);
  };
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = plain(String(new FormData(event.currentTarget as HTMLFormElement).get('at') ?? '').trim());
    if (!wanted) return;
    const found = data.nodes.find((one) => plain(one.name) === wanted) ?? data.nodes.find((one) => plain(one.name).includes(wanted));
    if (found) follow(link('lineage', found.id));
  };
  return <>
    <h1 tabIndex={-1}>{w.sections.lineage}{node && <>{w.colon}<bdi>{node.name}</bdi></>}</h1>
    {route.id !== undefined && data.byId.get(route.id) === undefined && <p class="note">{w.notFound(route.id)}</p>}
    <p class="quiet">{w.lineageIntro} {w.shown(shown.length, data.nodes.length)}.</p>
    <form class="controls" onSubmit={open}>
      <label>{w.startAt}<input name="at" list="all-nodes" placeholder={w.startAtHint} autocomplete="off" /></label>
      <button type="submit">{w.open}</button>
      {names}
      {selection.all
        ? data.nodes.length > 30 && <a class="button" href={link('lineage', node?.id)}>{w.backToNeighbours}</a>
        : <a class="button" href={link('lineage', node?.id, { all: '1' })}>{w.wholeGraph(data.nodes.length)}</a>}
    </form>
    <div class="lineage"><Picture layout={layout} focus={focus} shown={known} onWiden={widen} /><LineageList layout={layout} focus={focus} key={focus} /></div>
  </>;
}
