// The frame: where one is, the sections, the search; and the section that the address names.
import { useEffect, useRef } from 'preact/hooks';
import { Expiry } from './parts/expiry';
import { useData } from './parts/context';
import { link, sections, useRoute, type Route } from './route';
import { w } from './words';
import { State } from './sections/state';

/** Links move the focus to what they open; the back button leaves place and focus to the browser. */
let followed = false;

export function App() {
  const data = useData();
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const project = data.project?.name ?? 'barometre';
  const place = `${route.section}/${route.id ?? ''}`;
  useEffect(() => {
    const click = (event: MouseEvent) => { if ((event.target as Element).closest?.('a[href^="#/"]')) followed = true; };
    addEventListener('click', click, true);
    return () => removeEventListener('click', click, true);
  }, []);
  useEffect(() => {
    document.title = w.titleOf(titleOf(route, data.nodes[data.byId.get(route.id ?? '') ?? -1]?.name), project);
    if (!followed) return;
    followed = false;
    scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
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
      </div>
    </header>
    <main id="main" ref={main} tabIndex={-1}>
      <div class={route.section === 'state' ? '' : 'print-only'}><State /></div>
    </main>
    <footer class="foot">
      {data.version && <span>{w.madeBy(data.version)}</span>}
      {data.audience?.role && <span>{w.seenBy(data.audience.role)}</span>}
      <span>{data.audience?.samples ? w.showsValues : w.hidesValues}</span>
      {data.format > 1 && <span>{w.newerFormat}</span>}
    </footer>
  </>;
}

const titleOf = (route: Route, node: string | undefined) => (route.section === 'node' ? node ?? w.sections.relations : w.sections[route.section]);
