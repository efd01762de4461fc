// The last runs on a line for each job or call, from the oldest to when the page was made.
import type { Run } from '../data/contract';
import { conditionOfStatus } from '../data/data';
import { useData } from '../parts/context';
import { Mark } from '../parts/text';
import { Call } from './runs';
import { clock, duration, time, timeZone, weekday } from '../format';
import { link } from '../route';
import { w, word } from '../words';

export function Timeline({ current }: { current: Run | undefined }) {
  const data = useData();
  const runs = data.runs.filter((run) => run.started !== undefined && !Number.isNaN(Date.parse(run.started)));
  if (!runs.length) return null;
  const start = (run: Run) => Date.parse(run.started!);
  const first = Math.min(...runs.map(start));
  const end = Math.max(Date.parse(data.made_at ?? '') || 0, ...runs.map((run) => start(run) + (run.seconds ?? 0) * 1000));
  const span = Math.max(end - first, 60000);
  const at = (moment: number) => `${(100 * (moment - first)) / span}%`;
  const lines = new Map<string, Run[]>();
  for (const run of runs) {
    const key = `${run.kind} ${run.name}`;
    const line = lines.get(key);
    if (line) line.push(run);
    else lines.set(key, [run]);
  }
  return <div class="timeline">
    <ul class="plain">{[...lines.values()].map((line) => <li>
      <Call of={line[0]!} />
      <div class="track">{line.slice().reverse().map((run) =>
        <a class={`run ${conditionOfStatus(run.status)}`} href={link('runs', run.id)} aria-current={run === current ? 'true' : undefined}
          style={{ left: at(start(run)), width: `max(1.1rem, ${(100 * (run.seconds ?? 0) * 1000) / span}%)` }}
          title={`${time(run.started, data.made_at)}, ${word(w.status, run.status)}${run.seconds === undefined ? '' : `, ${duration(run.seconds)}`}`}>
          <Mark of={conditionOfStatus(run.status)} />
          <span class="visually-hidden">{`${time(run.started, data.made_at)}, ${word(w.status, run.status)}${run.seconds === undefined ? '' : `, ${duration(run.seconds)}`}`}</span>
        </a>)}</div>
    </li>)}</ul>
    <div class="scale" aria-hidden="true">{ticks(first, end).map((tick) => <span class={tick.at > end - span / 9 ? 'last' : ''} style={{ left: at(tick.at) }}>{tick.word}</span>)}</div>
  </div>;
}

/** Midnights of the project's zone, not more than fit; hours where all is within two days. */
function ticks(first: number, end: number): { at: number; word: string }[] {
  const hours = (end - first) / 3600e3;
  const step = hours <= 3 ? 0.5 : hours <= 12 ? 2 : hours <= 48 ? 6 : 24 * Math.ceil(hours / 24 / 8);
  const found: { at: number; word: string }[] = [];
  const zone = new Intl.DateTimeFormat('en', { timeZone: timeZone(), hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });
  // Of the first half hour on the clock, whatever the zone's offset is.
  for (let moment = Math.ceil(first / 1800e3) * 1800e3; moment <= end; moment += 1800e3) {
    const [hour = 0, minute = 0] = zone.format(moment).split(':').map(Number);
    const iso = new Date(moment).toISOString();
    if (step >= 24) {
      if (hour === 0 && minute === 0 && Math.round((moment - first) / 86400e3) % (step / 24) === 0) found.push({ at: moment, word: weekday(localDay(moment)) });
    } else if ((hour + minute / 60) % step === 0) found.push({ at: moment, word: clock(iso) });
  }
  return found;
}
const localDay = (moment: number) => new Intl.DateTimeFormat('sv-SE', { timeZone: timeZone() }).format(moment);
