// How long something took, against how long it usually does: in words, and as a bar with a mark at the usual.
import { duration, number } from '../format';
import { w } from '../words';

export function Took({ seconds, usual }: { seconds?: number | undefined; usual?: number | undefined }) {
  if (seconds === undefined) return null;
  if (usual === undefined) return <>{duration(seconds)}</>;
  const most = Math.max(seconds, usual, 0.001) * 1.1;
  const factor = usual > 0 ? seconds / usual : 1;
  const apart = Math.abs(seconds - usual) >= 2; // of what takes a moment, a factor says nothing
  return <span class="took">
    <span class="took-bar" aria-hidden="true">
      <span class={`took-fill${apart && factor >= 2 ? ' slow' : ''}`} style={{ width: `${(100 * seconds) / most}%` }} />
      <span class="took-usual" style={{ left: `${(100 * usual) / most}%` }} />
    </span>
    <span>{duration(seconds)}<span class="quiet">, {w.usual} {duration(usual)}{apart && factor >= 2 && ` (${w.slower(number(factor))})`}</span></span>
  </span>;
}
