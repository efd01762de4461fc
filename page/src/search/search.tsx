// The search: / or Ctrl+K goes to it, arrows choose, Enter opens.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useData } from '../parts/context';
import { Kind } from '../parts/text';
import { follow } from '../route';
import { w } from '../words';
import { entries, find, type Entry } from './index';

export function Search() {
  const data = useData();
  const [wanted, want] = useState('');
  const [at, go] = useState(0);
  const [open, set] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const all = useMemo(() => (open ? entries(data) : []), [data, open]);
  const { found, more } = useMemo(() => find(all, wanted, 30), [all, wanted]);
  const shown = open && wanted.trim() !== '';

  useLayoutEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest?.('input, textarea, select, [contenteditable]');
      if (!(event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) && !(event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, []);
  useLayoutEffect(() => { list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }); }, [at, shown]);

  const visit = (entry: Entry) => { close(); follow(entry.href); };
  const close = () => { set(false); want(''); go(0); };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape') { close(); input.current?.blur(); return; }
    if (!found.length) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      visit(found[at]!);
    }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go((to + found.length) % found.length);
  };
  return <div class="search" role="search" onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as globalThis.Node | null)) set(false); }}>
    <input ref={input} type="search" role="combobox" aria-label={w.searchLong} aria-expanded={shown} aria-controls="found" aria-autocomplete="list"
      aria-activedescendant={shown && found.length ? `found-${at}` : undefined} placeholder={w.searchHint} value={wanted} autocomplete="off" spellcheck={false}
      onFocus={() => set(true)} onInput={(event) => { want(event.currentTarget.value); go(0); set(true); }} onKeyDown={key} />
    <div class="found" hidden={!shown}>
      <p class="quiet" role="status">{shown && (found.length ? w.found(found.length + more) : w.nothingFound)}</p>
      <ul id="found" role="listbox" aria-label={w.search} ref={list}>
        {shown && found.map((entry, index) => <li role="option" id={`found-${index}`} aria-selected={index === at} onMouseMove={() => at !== index && go(index)}
          onMouseDown={(event) => event.preventDefault()} onClick={() => visit(entry)}>
          <span class="hit"><bdi>{entry.field === 'description' ? cut(entry.text, wanted) : entry.text}</bdi></span>
          <span class="quiet">{entry.field === 'name' ? <Kind of={entry.kind} /> : <>{w.foundIn[entry.field]} {entry.of && <bdi>{entry.of}</bdi>}</>}</span>
        </li>)}
      </ul>
      {shown && more > 0 && <p class="quiet">{w.moreFound(more)}</p>}
    </div>
  </div>;
}

/** The part of a description in which it was found. */
function cut(text: string, wanted: string): string {
  const at = text.toLowerCase().indexOf(wanted.trim().toLowerCase().split(/\s+/)[0] ?? '');
  const from = Math.max(0, at - 40);
  return `${from ? '…' : ''}${text.slice(from, from + 120)}${text.length > from + 120 ? '…' : ''}`;
}
