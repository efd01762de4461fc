import { render } from 'preact';
import { App } from './app';
import { prepare } from './data/data';
import type { PageData } from './data/contract';
import { DataProvider } from './parts/context';
import { choose, w } from './words';
import { chooseZone } from './format';
import './style/base.css';
import './style/parts.css';
import './style/lineage.css';
import './style/print.css';

const place = document.getElementById('app')!;
let page: PageData | undefined;
try {
  page = JSON.parse(document.getElementById('data')!.textContent!) as PageData;
} catch { /* said below */ }
choose(page?.lang ?? document.documentElement.lang);
if (page && typeof page === 'object') {
  document.documentElement.lang = page.lang === 'fr' ? 'fr' : 'en';
  chooseZone(page.project?.timezone);
  place.textContent = '';
  render(<DataProvider value={prepare(page)}><App /></DataProvider>, place);
} else {
  // What the server wrote for those without JavaScript stays.
  const said = document.createElement('p');
  said.className = 'outdated';
  said.textContent = w.broken;
  place.prepend(said);
}
