// Tabs as WAI-ARIA has them: arrows go from one to the next.
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

let made = 0;
export function Tabs({ label, tabs }: { label: string; tabs: { name: string; content: () => ComponentChildren }[] }) {
  const [at, go] = useState(0);
  const id = useRef(`tabs${++made}`).current;
  const list = useRef<HTMLDivElement>(null);
  const key = (event: KeyboardEvent) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    go(next);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  const shown = Math.min(at, tabs.length - 1);
  return <div class="tabs">
    <div role="tablist" aria-label={label} ref={list} onKeyDown={key}>
      {tabs.map((tab, index) => <button type="button" role="tab" id={`${id}-${index}`} aria-selected={index === shown} aria-controls={`${id}-panel`}
        tabIndex={index === shown ? 0 : -1} onClick={() => go(index)}>{tab.name}</button>)}
    </div>
    <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>{tabs[shown]!.content()}</div>
  </div>;
}
