// Where one is, in the hash of the address: #/section/id?key=value. So the back button works, and a place can be sent.
import { useLayoutEffect, useState } from 'preact/hooks';

export const sections = ['state', 'lineage', 'relations', 'runs', 'tests', 'server'] as const;
export type Section = (typeof sections)[number] | 'node';
export interface Route { section: Section; id?: string; query: URLSearchParams }

export function read(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [first = '', ...rest] = path.split('/');
  const section = (['node', ...sections] as string[]).includes(first) ? (first as Section) : 'state';
  let id: string | undefined;
  if (rest.length) {
    try { id = decodeURIComponent(rest.join('/')); } catch { id = rest.join('/'); }
  }
  return { section, ...(id ? { id } : {}), query: new URLSearchParams(query) };
}

export function link(section: Section, id?: string | number, query?: Record<string, string | undefined>): string {
  const text = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) if (value) text.set(key, value);
  return `#/${section}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${text.size || text.toString() ? `?${text}` : ''}`;
}
export const nodeLink = (node: { id: string }) => link('node', node.id);

/** A state that the address has, but which is no step back: filters, what is widened. */
export function replace(hash: string): void {
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

let followed = false;
/** Links move to what they open; the back button leaves place and focus to the browser. */
export const following = () => { followed = true; };
export function wasFollowed(): boolean {
  const was = followed;
  followed = false;
  return was;
}
export function follow(hash: string): void {
  following();
  location.hash = hash;
}

export function useRoute(): Route {
  const [route, set] = useState(() => read(location.hash));
  useLayoutEffect(() => {
    const changed = () => set(read(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}
