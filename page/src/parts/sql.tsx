import { useMemo } from 'preact/hooks';
import { tokens } from './prism';

/** SQL in colours; where it is wider than its place, it is scrolled, also by the keyboard. */
export function Sql({ text, label }: { text: string; label: string }) {
  const parts = useMemo(() => tokens(text), [text]);
  return <pre class="sql" tabIndex={0} role="group" aria-label={label} dir="ltr"><code>
    {parts.map((part) => (part.type ? <span class={`t-${part.type}`}>{part.text}</span> : part.text))}
  </code></pre>;
}
