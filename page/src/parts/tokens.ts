// The tokens of SQL: sugar-high's, with what is PostgreSQL's own and the templates of models as they are written.
import { tokenize } from 'sugar-high/core';
import { keywords, onCommentEnd, onCommentStart, typeKeywords } from 'sugar-high/lang/sql';

const more = `any array begin call cast collate conflict cube current do escape except exclude false fetch filter first following for grouping ilike
  intersect isnull last lateral materialized natural no notnull nulls only over overlaps partition preceding range recursive returning rollup row rows sets
  similar some symmetric tablesample temporary ties to true unbounded using window within`;
const words = new Set([...keywords, ...more.split(/\s+/)]);

// Types of sugar-high, by number, that have a colour.
const kinds: Record<number, string> = { 1: 'keyword', 2: 'string', 3: 'type', 8: 'comment' };

/** How long what begins here is, if it is one piece: a text, a name in quotes, a template. */
const pieces = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|\{\{[^]*?\}\}|\{%[^]*?%\}|\{#[^]*?#\}/y;
function onLiteral(first: string, at: number, code: string): number | undefined {
  if (!"'\"${".includes(first)) return undefined;
  pieces.lastIndex = at;
  return pieces.exec(code)?.[0].length;
}

export interface Token { kind?: string | undefined; text: string }

/** The tokens of a text. A long text is not worth the time: it is one. */
export function tokens(sql: string): Token[] {
  if (sql.length > 60000) return [{ text: sql }];
  const found = tokenize(sql, { keywords: words, typeKeywords, caseInsensitive: true, onCommentStart, onCommentEnd, onLiteral });
  // Whatever a colour is worth: no letter may be lost by it.
  if (found.map(([, text]) => text).join('') !== sql) return [{ text: sql }];
  return found.map(([kind, text]) => ({ kind: kind !== 2 ? kinds[kind] : text[0] === '{' ? 'template' : text[0] === '"' ? undefined : 'string', text }));
}
