import { useMemo } from 'preact/hooks';
import { tokens } from './tokens';

/** SQL in colours; where it is wider than its place, it is scrolled, also by the keyboard. */
export function Sql({ text, label }: { text: string; label: string }) {
  const parts = useMemo(() => tokens(text), [text]);
  return <pre class="sql" tabIndex={0} role="group" aria-label={label} dir="ltr"><code>
    {parts.map((part) => (part.kind ? <span class={`t-${part.kind}`}>{part.text}</span> : part.text))}
  </code></pre>;
}
