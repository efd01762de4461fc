// The history of a test, a cell a day: what is not well has a letter, so that it isn't told by colour alone. Days that are alike are one
// element, because a page may have thousands of such strips.
import { w } from '../words';

export function Strip({ days, most }: { days: string; most?: number }) {
  const shown = most === undefined ? days : days.slice(-most);
  const parts = [...shown.matchAll(/(.)\1*/g)].map((found) => found[0]);
  const said = parts.map((part) => w.stripTimes(part.length, Object.prototype.hasOwnProperty.call(w.letters, part[0]!) ? w.letters[part[0]!]! : part[0]!)).join(', ');
  return <span class="strip" role="img" aria-label={w.strip(said)}>
    {parts.map((part) => <span class={`day-${/[a-z]/.test(part[0]!) ? part[0] : 'none'}`}>{sign(part[0]!).repeat(part.length)}</span>)}
  </span>;
}
const sign = (letter: string) => (letter === 'p' ? '\u2007' : letter === '-' ? '·' : letter.toUpperCase());
