// The barometer: a needle that stands at fair, change or storm. The words beside it say the same.
export function Gauge({ code }: { code: number }) {
  const angle = code === 0 ? -58 : code === 1 ? 0 : code === 2 ? 58 : 0;
  return <svg class={`gauge code-${code}`} viewBox="0 0 100 62" width="100" height="62" aria-hidden="true" focusable="false">
    <path class="arc ok" d="M10 54A40 40 0 0 1 27.5 21" />
    <path class="arc warn" d="M33 17.8A40 40 0 0 1 67 17.8" />
    <path class="arc bad" d="M72.5 21A40 40 0 0 1 90 54" />
    {code <= 2 ? <path class="needle" d="M48 54L50 18L52 54Z" transform={`rotate(${angle} 50 54)`} /> : <text x="50" y="48" text-anchor="middle">?</text>}
    <circle class="hub" cx="50" cy="54" r="5" />
  </svg>;
}
