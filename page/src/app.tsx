// The frame: where one is, the sections, the search; and the section that the address names.
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Expiry } from './parts/expiry';
import { useData } from './parts/context';
import { following, link, sections, useRoute, wasFollowed, type Route } from './route';
import { w } from './words';
import { Lineage } from './lineage/lineage';
import { Search } from './search/search';
import { NodePage } from './sections/node/node';
import { Relations } from './sections/relations';
import { Runs } from './sections/runs';
import { Server } from './sections/server';
import { State } from './sections/state';
import { Tests } from './sections/tests';

export function App() {
  const data = useData();
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const project = data.project?.name ?? 'barometre';
  // Both are the same wherever one is: they are made once.
  const state = useMemo(() => <State />, []), search = useMemo(() => <Search />, []);
  const place = `${route.section}/${route.id ?? ''}`;
  useLayoutEffect(() => {
    const click = (event: MouseEvent) => { if ((event.target as Element).closest?.('a[href^="#/"]')) following(); };
    addEventListener('click', click, true);
    return () => removeEventListener('click', click, true);
  }, []);
  useLayoutEffect(() => {
    document.title = w.titleOf(titleOf(route, data.nodes[data.byId.get(route.id ?? '') ?? -1]?.name), project);
    if (!wasFollowed()) return;
    scrollTo(0, 0);
    main.current?.lastElementChild?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [place]);
  return <>
    <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); main.current?.scrollIntoView(); }}>{w.skip}</a>
    <header class="top">
      <Expiry />
      <div class="bar">
        <a class="project" href={link('state')}><bdi>{project}</bdi></a>
        <nav aria-label={w.sectionsLabel}>
          {sections.map((section) => <a href={link(section)} aria-current={(route.section === 'node' ? 'relations' : route.section) === section ? 'page' : undefined}>{w.sections[section]}</a>)}
        </nav>
        {search}
      </div>
    </header>
    <main id="main" ref={main} tabIndex={-1} class={route.section === 'lineage' ? 'wide' : ''}>
      <div class={route.section === 'state' ? '' : 'print-only'}>{state}</div>
      {route.section !== 'state' && <div><Opened route={route} /></div>}
    </main>
    <footer class="foot">
      {data.version && <span>{w.madeBy(data.version)}</span>}
      {data.audience?.role && <span>{w.seenBy(data.audience.role)}</span>}
      <span>{data.audience?.samples ? w.showsValues : w.hidesValues}</span>
      {data.format > 1 && <span>{w.newerFormat}</span>}
    </footer>
  </>;
}

function Opened({ route }: { route: Route }) {
  switch (route.section) {
    case 'node': return <NodePage id={route.id} />;
    case 'lineage': return <Lineage route={route} />;
    case 'relations': return <Relations route={route} />;
    case 'runs': return <Runs route={route} />;
    case 'tests': return <Tests route={route} />;
    case 'server': return <Server />;
    default: return null;
  }
}

const titleOf = (route: Route, node: string | undefined) => (route.section === 'node' ? node ?? w.sections.relations : w.sections[route.section]);
