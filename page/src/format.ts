// Numbers, times and durations, in the page's language and the project's time zone.
import { w } from './words';
import { lang } from './words';

let zone = 'UTC';
const once = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

/** PostgreSQL knows zones that the browser doesn't; then times are in UTC, and say so. */
export function chooseZone(wanted: string | undefined): string {
  once.clear();
  zone = 'UTC';
  try {
    if (wanted) { new Intl.DateTimeFormat('en', { timeZone: wanted }); zone = wanted; }
  } catch { /* stays UTC */ }
  return zone;
}
export const timeZone = () => zone;

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options);
  let format = once.get(key) as Intl.DateTimeFormat | undefined;
  if (!format) once.set(key, (format = new Intl.DateTimeFormat(w.locale, { timeZone: zone, ...options })));
  return format;
}
function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = 'n' + lang + JSON.stringify(options);
  let format = once.get(key) as Intl.NumberFormat | undefined;
  if (!format) once.set(key, (format = new Intl.NumberFormat(w.locale, options)));
  return format;
}

/** What can't be read as a time or number is shown as it came. */
function known(value: string, make: (date: Date) => string): string {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? value : make(date);
}

export const number = (value: number) => numbers({ maximumFractionDigits: 1 }).format(value);

/** "Tue 24 Nov, 07:02"; the year only when it isn't that of the page. */
export function time(value: string | undefined, madeAt?: string): string {
  if (value === undefined) return '';
  return known(value, (date) => {
    const sameYear = madeAt !== undefined && dates({ year: 'numeric' }).format(date) === dates({ year: 'numeric' }).format(new Date(madeAt));
    return dates({
      weekday: 'short', day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }), hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    }).format(date);
  });
}
export const longTime = (value: string) =>
  known(value, (date) => dates({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date));
export const clock = (value: string) => known(value, (date) => dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date));

/** Days have no time zone: they are the project's already. */
function dayFormat(value: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(`${value.slice(0, 10)}T12:00:00Z`);
  return Number.isNaN(date.getTime()) ? value : dates({ timeZone: 'UTC', ...options }).format(date);
}
export const day = (value: string) => dayFormat(value, { day: 'numeric', month: 'short', year: 'numeric' });
export const shortDay = (value: string) => dayFormat(value, { day: 'numeric', month: 'short' });
export const weekday = (value: string) => dayFormat(value, { weekday: 'short', day: 'numeric', month: 'short' });

/** The day that is `later` days after `from`. */
export function dayAfter(from: string, later: number): string {
  const date = new Date(`${from.slice(0, 10)}T12:00:00Z`);
  if (Number.isNaN(date.getTime())) return from;
  date.setUTCDate(date.getUTCDate() + later);
  return date.toISOString().slice(0, 10);
}

export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  const space = '\u00a0';
  if (seconds > 0 && seconds < 0.05) return `<${space}${numbers({}).format(0.1)}${space}${w.seconds_short}`;
  if (seconds < 10) return `${numbers({ maximumFractionDigits: 1 }).format(seconds)}${space}${w.seconds_short}`;
  if (seconds < 120) return `${Math.round(seconds)}${space}${w.seconds_short}`;
  if (seconds < 600) {
    const rest = Math.round(seconds) % 60;
    return `${Math.floor(Math.round(seconds) / 60)}${space}${w.minutes_short}${rest ? `${space}${rest}${space}${w.seconds_short}` : ''}`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes}${space}${w.minutes_short}`;
  const rest = minutes % 60;
  return `${number(Math.floor(minutes / 60))}${space}${w.hours_short}${rest ? `${space}${String(rest).padStart(2, '0')}` : ''}`;
}

export function bytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '';
  let unit = 0;
  while (value >= 1000 && unit < w.bytes.length - 1) { value /= 1024; unit++; }
  return `${numbers({ maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 }).format(value)}\u00a0${w.bytes[unit]}`;
}

export function share(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '';
  if (value === 0) return w.share.none;
  if (value < 0.001) return w.share.below;
  return numbers({ style: 'percent', maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(value);
}

/** "3 days ago", of the largest unit that fits. */
export function ago(from: string, now: number): string {
  const seconds = (new Date(from).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return '';
  const format = new Intl.RelativeTimeFormat(w.locale, { numeric: 'always' });
  const size = Math.abs(seconds);
  if (size < 60) return w.justNow;
  if (size < 3570) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 48 * 3600) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86400), 'day');
}
