// Prism's core and its SQL. It looks for a global of its name before it is loaded: that it shall do nothing by itself.
import './prism-manual';
import Prism from 'prismjs/components/prism-core';
import 'prismjs/components/prism-sql';

const sql = Prism.languages['sql']!;
// PostgreSQL's own: dollar quotes, strings without backslashes, names in double quotes; # is an operator. Of models as they are written
// the templates as well.
Prism.languages['sql'] = {
  template: { pattern: /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}/, greedy: true },
  comment: { pattern: /\/\*[\s\S]*?(?:\*\/|$)|--.*/, greedy: true },
  string: { pattern: /\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'/, greedy: true },
  identifier: { pattern: /"(?:[^"]|"")*"/, greedy: true },
  function: sql['function']!, keyword: sql['keyword']!, boolean: sql['boolean']!, number: sql['number']!,
};

export type Token = { type?: string; text: string };

/** The tokens of a text, flat. A long text is not worth the time: it is one token. */
export function tokens(text: string): Token[] {
  if (text.length > 60000) return [{ text }];
  const flat = (token: string | Prism.Token): string =>
    typeof token === 'string' ? token : Array.isArray(token.content) ? token.content.map(flat).join('') : flat(token.content);
  return Prism.tokenize(text, Prism.languages['sql']!).map((token) =>
    typeof token === 'string' ? { text: token } : { type: token.type, text: flat(token) });
}
