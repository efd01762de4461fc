// Rows over time: uPlot's picture; the sentence and the table beside it say the same.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { dayAfter, number, shortDay, weekday } from '../format';

export interface Series { from: string; values: (number | null)[] }

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

export function Plot({ series, label }: { series: Series; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [read, say] = useState('');
  useLayoutEffect(() => {
    const holder = place.current!;
    const start = new Date(`${series.from}T12:00:00Z`).getTime() / 1000;
    if (Number.isNaN(start)) return undefined;
    const days = series.values.map((_, index) => start + index * 86400);
    let last = series.values.length - 1;
    while (last > 0 && series.values[last] == null) last--;
    const tell = (index: number) => {
      const value = series.values[index];
      say(value == null ? '' : `${weekday(dayAfter(series.from, index))}: ${number(value)}`);
    };
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
      plot = new uPlot({
        width: holder.clientWidth, height: 220, legend: { show: false }, padding: [10, 12, 0, 0],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        cursor: { drag: { x: false, y: false }, y: false },
        scales: { y: { range: (_, low, high) => low === null || high === null ? [0, 1] : [low > high / 2 ? Math.max(0, low - (high - low) * 0.2 - 1) : 0, high + (high - low || high || 1) * 0.1] } },
        axes: [
          { ...axis, space: 70, values: (_, marks) => marks.map((mark) => shortDay(dayOf(mark))) },
          { ...axis, size: (_, values) => 14 + 7 * Math.max(3, ...(values ?? []).map((value) => value.length)), values: (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? number(mark) : '')) },
        ],
        // A day on which nothing was published has the rows of the day before.
        series: [{}, { stroke: color('--link'), width: 2, spanGaps: true, ...(uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}), points: { show: true, size: 4, fill: color('--link') } }],
        hooks: { setCursor: [(of) => tell(of.cursor.idx ?? last)] },
      }, [days, series.values], holder);
    };
    draw();
    tell(last);
    const sized = new ResizeObserver(() => { if (plot && holder.clientWidth && holder.clientWidth !== plot.width) plot.setSize({ width: holder.clientWidth, height: 220 }); });
    sized.observe(holder);
    // Paper and the dark have other colours.
    const schemes = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('print')];
    for (const scheme of schemes) scheme.addEventListener('change', draw);
    return () => {
      sized.disconnect();
      for (const scheme of schemes) scheme.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [series]);
  return <figure class="plot"><div ref={place} role="img" aria-label={label} /><figcaption class="quiet" aria-hidden="true">{read}</figcaption></figure>;
}
