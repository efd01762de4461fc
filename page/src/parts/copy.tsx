// Queries to copy. A page from a disk or from an intranet without TLS may not use the clipboard; then the old way.
import { useRef, useState } from 'preact/hooks';
import { w } from '../words';
import { Sql } from './sql';

async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'out-of-sight';
    area.setAttribute('aria-hidden', 'true');
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [said, say] = useState('');
  const timer = useRef(0);
  const click = async () => {
    say((await put(text)) ? w.copied : w.copyFailed);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => say(''), 2500);
  };
  return <button type="button" class="copy" onClick={click} aria-label={label ? `${w.copy}${w.colon}${label}` : undefined}>
    <span aria-live="polite">{said || w.copy}</span>
  </button>;
}

/** A block of SQL with its button. */
export const Query = ({ sql, label }: { sql: string; label?: string }) =>
  <div class="query"><Sql text={sql} label={label ?? 'SQL'} /><CopyButton text={sql} label={label ?? ''} /></div>;

const statement = /(?:^|[:.)]\s+|\s{2,}|\bor )((?:SELECT|CALL|GRANT|REVOKE|ALTER|DROP|CREATE|VACUUM|ANALYZE|REINDEX|COMMENT|SET|UPDATE|DELETE|INSERT)\s(?:'(?:[^']|'')*'|"[^"]*"|[^;'"])*;)/g;

/** A sentence of what to do, in which statements stand that can be copied. */
export function Advice({ text }: { text: string }) {
  const parts: (string | { sql: string })[] = [];
  let from = 0;
  for (const found of text.matchAll(statement)) {
    const sql = found[1]!;
    const at = found.index! + found[0].length - sql.length;
    if (/^(SELECT|SET|UPDATE|COMMENT|DROP|CREATE)\b/.test(sql) && !/[(=*'"]|\bFROM\b/.test(sql)) continue; // a sentence about SQL
    parts.push(text.slice(from, at).trim(), { sql });
    from = at + sql.length;
  }
  parts.push(text.slice(from).trim());
  return <>{parts.map((part) => typeof part === 'string' ? part && <p class="prose" dir="auto">{part}</p> : <Query sql={part.sql} />)}</>;
}
