// Whether the page is older than it was good for: asked when it is opened and as long as it stays so.
import { useLayoutEffect, useState } from 'preact/hooks';
import { useData } from './context';
import { w } from '../words';
import { ago, longTime } from '../format';

export function useNow(): number {
  const [now, set] = useState(() => Date.now());
  useLayoutEffect(() => {
    const look = () => set(Date.now());
    const timer = setInterval(look, 20000);
    document.addEventListener('visibilitychange', look);
    return () => { clearInterval(timer); document.removeEventListener('visibilitychange', look); };
  }, []);
  return now;
}

export function Expiry() {
  const until = useData().valid_until;
  const now = useNow();
  const end = until === undefined ? NaN : new Date(until).getTime();
  if (!until || !(end < now)) return null;
  return <p class="outdated" role="alert">{w.outdated(longTime(until), ago(until, now))}</p>;
}
