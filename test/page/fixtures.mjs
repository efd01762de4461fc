// Pages as the server makes them, of data that is made here: the shell with its four tokens filled.
import { readFileSync } from 'node:fs';

const shell = new URL('../../page/barometre.html', import.meta.url);

/** What HTML takes for markup is written otherwise, as the server does. */
export const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export function makePage(data, { title = 'barometre', state } = {}) {
  const html = state ?? `<header class="state code-${data.state?.code ?? 3}"><h1>${escapeHtml(data.project?.name ?? 'barometre')}</h1>` +
    `<p class="sentence">${escapeHtml(data.state?.sentence ?? '')}</p><p class="made">Made ${escapeHtml(data.made_at ?? '')}</p></header>` +
    (data.failures?.length ? `<section class="failures"><h2>What failed</h2>${data.failures.map((failure) =>
      `<article class="card ${failure.severity}"><h3>${escapeHtml(failure.what)}</h3><p class="place">${escapeHtml(failure.place ?? '')}</p>` +
      `<p class="why">${escapeHtml(failure.why)}</p><p class="do">${escapeHtml(failure.what_to_do ?? '')}</p><p class="since">${escapeHtml(failure.at)}</p></article>`).join('')}</section>` : '') +
    '<noscript><p>The rest of this page needs JavaScript.</p></noscript>';
  const parts = {
    __BAROMETRE_LANG__: data.lang ?? 'en', __BAROMETRE_TITLE__: escapeHtml(title), __BAROMETRE_STATE__: html,
    __BAROMETRE_DATA__: JSON.stringify(data).replaceAll('<', '\\u003c'),
  };
  return readFileSync(shell, 'utf8').replace(/__BAROMETRE_(?:LANG|TITLE|STATE|DATA)__/g, (token) => parts[token]);
}

// Random numbers that are the same in each run.
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const made = '2026-11-29T05:00:12+00:00';
const today = '2026-11-29';
export function dayBefore(days) {
  const date = new Date(`${today}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - days);
  return date.toISOString().slice(0, 10);
}
const at = (days, clock = '05:00:00') => `${dayBefore(days)}T${clock}+00:00`;

const written = (name, inputs) => `-- ${name}: one line a day\nWITH source AS (\n    SELECT * FROM {{ ref('${inputs[0] ?? 'x'}') }}\n    WHERE status = 'closed' AND amount > 100\n)\nSELECT date, count(*) AS reports,\n       sum(amount) FILTER (WHERE "département" = '01') AS amount\nFROM source\nGROUP BY date\n`;
const compiled = (name, inputs) => written(name, inputs).replace(/\{\{ ref\('(.*?)'\) \}\}/g, 'analytics.$1').replace(/'closed'|'01'/g, "'…'");

function column(name, type, more = {}) { return { name, type, nulls: 0, ...more }; }

/** A project as that of this repository: a few taps, models upon them, jobs at night. Nothing went wrong. */
export function wellKept({ lang = 'en' } = {}) {
  const chance = random(7);
  const nodes = [], edges = [], tests = [];
  const index = new Map();
  const rows_by_day = (base, growth, gaps = 0) => ({ from: dayBefore(89), rows: Array.from({ length: 90 }, (_, day) => (chance() < gaps ? null : Math.round(base + growth * day + chance() * growth))) });
  const add = (node, inputs = []) => {
    const place = nodes.length;
    index.set(node.name, place);
    const days = rows_by_day(1000 + chance() * 90000, 10 + chance() * 400, node.kind === 'stream' ? 0.1 : 0.02);
    nodes.push({
      id: `${node.kind}.${node.name}`, schema: node.kind === 'stream' ? node.name.split('.')[0] : 'analytics', exists: true, tags: ['daily'],
      relation: node.name.split('.').pop(), status: 'succeeded', since: at(40), loaded_at: at(0, '04:03:11'),
      rows: days.rows.findLast((n) => n !== null), rows_by_day: days, bytes: Math.round(1e5 + chance() * 4e8), definition: 'barometre.yml:12',
      last: { run: 812, status: 'succeeded', at: at(0, '04:03:11'), seconds: 2.5, usual: 2.4, inserted: 120, updated: 3 },
      history: Array.from({ length: 10 }, (_, run) => ({ run: 812 - run * 3, at: at(run, '04:03:11'), status: run === 4 ? 'unchanged' : 'succeeded', seconds: 2 + chance(), inserted: 120 + run, updated: run })),
      ...node,
    });
    for (const input of inputs) edges.push([index.get(input), place]);
    return place;
  };
  const test = (name, where, kind, more = {}) => tests.push({
    node: index.get(where), target: where, name, test: kind, severity: 'error', definition: 'models/schema.yml:9', status: 'pass', failures: 0, at: at(0, '04:05:00'), seconds: 0.04, run: 813,
    since: at(60), sql: `SELECT *\nFROM analytics.${where}\nWHERE ${more.column ?? 'id'} IS NULL`, history: { from: dayBefore(89), days: 'p'.repeat(90) }, ...more,
  });
  const files = (folder, count) => ({
    count, records: count * 1840, bytes: count * 220000, rejected: 0,
    last: Array.from({ length: Math.min(count, 20) }, (_, file) => ({ path: `${folder}/${folder}-${dayBefore(file)}.csv`, records: 1800 + file * 7, bytes: 219000 + file * 512, at: at(file, '04:01:40'), run: 812 - file * 3, state: 'loaded' })),
  });
  const stream = (name, folder, more = {}) => add({
    kind: 'stream', name, description: `Files of ${folder}, one a day.`, freshness: { status: 'fresh', newest: at(0, '03:40:00'), age: '1 hour', expected: '2 days' }, files: files(folder, 38),
    columns: [column('id', 'bigint', { key: true, not_null: true, distinct: 69800 }), column('date', 'date', { from: '2021-01-04', to: dayBefore(3), distinct: 2100 }), column('motif', 'text', { nulls: 0.021, distinct: 41 }), column('reference_hash', 'text', { hashed: true })],
    period: { column: 'date', from: '2021-01-04', to: dayBefore(3) },
    lookup: `SELECT f.path, r._baro_line AS line, r.*\nFROM ${name} r\nJOIN barometre.lineage f ON f.file = r._baro_file\nWHERE r.id = 0; -- the key of your row`, ...more,
  });
  stream('tap_csv_ppel.ppel_logs', 'ppel');
  stream('tap_csv_easiware.easiware_requests', 'easiware');
  stream('tap_csv_voxusagers.experiences', 'voxusagers');
  stream('tap_perceval.dpt_report_month', 'perceval');
  add({ kind: 'seed', name: 'departements', description: 'Codes and names of departments.', columns: [column('code', 'text', { key: true }), column('nom', 'text')] });
  add({ kind: 'source', name: 'crm.users', relation: 'users', schema: 'crm', status: undefined, last: undefined, history: undefined, description: 'Accounts, written by the CRM.', rows_by_day: undefined, loaded_at: undefined, freshness: { status: 'fresh', newest: at(0, '02:00:00'), age: '3 hours', expected: '1 day' } });
  const model = (name, inputs, more = {}) => {
    const place = add({ kind: 'model', name, materialized: 'table', definition: `models/${name.split('_')[0]}/${name}.sql`, description: `Figures of ${name.replaceAll('_', ' ')}, shown on the public site.`,
      columns: [column('date', 'date', { from: '2021-01-04', to: dayBefore(3), not_null: true, description: 'Day of the report' }), column('reports', 'bigint', { distinct: 812, description: 'How many reports were made on that day' }), column('amount', 'numeric', { nulls: 0.0004, distinct: 9000 })],
      period: { column: 'date', from: '2021-01-04', to: dayBefore(3) }, written: written(name, inputs), compiled: compiled(name, inputs), lookup: `SELECT * FROM analytics.${name} LIMIT 20;`, ...more }, inputs);
    test('not_null', name, 'not_null', { column: 'date' });
    test('unique', name, 'unique', { column: 'date' });
    return place;
  };
  model('ppel_clean_logs', ['tap_csv_ppel.ppel_logs']);
  model('ppel_daily', ['ppel_clean_logs']);
  model('ppel_geo', ['ppel_clean_logs', 'departements']);
  model('easiware_requests_clean', ['tap_csv_easiware.easiware_requests', 'crm.users']);
  model('easiware_n_contacts_date', ['easiware_requests_clean']);
  model('easiware_n_contacts_category', ['easiware_requests_clean']);
  model('voxusagers_clean', ['tap_csv_voxusagers.experiences', 'departements']);
  model('exp_count_day', ['voxusagers_clean']);
  model('exp_geo', ['voxusagers_clean', 'departements']);
  model('perceval_geo', ['tap_perceval.dpt_report_month', 'departements']);
  model('national_summary', ['ppel_daily', 'easiware_n_contacts_date', 'exp_count_day', 'perceval_geo']);
  add({ kind: 'snapshot', name: 'crm_users_history', definition: 'snapshots/users.yml:3', written: 'SELECT * FROM crm.users', compiled: 'SELECT * FROM crm.users' }, ['crm.users']);
  test('accepted_values', 'tap_csv_easiware.easiware_requests', 'accepted_values', { column: 'motif', severity: 'warn' });
  const step = (kind, name, more = {}) => ({ kind, name, ...(index.has(name) ? { node: index.get(name) } : {}), status: 'succeeded', seconds: 1 + chance() * 3, inserted: Math.round(chance() * 900), ...more });
  const runs = [];
  for (let night = 0; night < 8; night++) {
    const first = 812 - night * 3;
    runs.push({ id: first + 1, kind: 'job', name: 'nightly', role: 'meltano', status: 'succeeded', started: at(night, '04:00:00'), seconds: 310 + night * 4, usual: 305, scheduled_for: at(night, '04:00:00'),
      steps: [step('run', 'tap_csv_ppel', { seconds: 60 }), step('transform', '*', { seconds: 200 }), step('test', '*', { seconds: 44 })], passed: 23 });
    runs.push({ id: first, kind: 'run', name: '*', role: 'meltano', status: 'succeeded', started: at(night, '04:00:02'), seconds: 61 + night, usual: 60,
      steps: [step('stream', 'tap_csv_ppel.ppel_logs', { records: 1840 }), step('stream', 'tap_csv_easiware.easiware_requests', { records: 702, rejected: night === 3 ? 2 : undefined, warnings: night === 3 ? 1 : undefined })] });
    runs.push({ id: first - 1, kind: 'transform', name: '*', role: 'meltano', status: 'succeeded', started: at(night, '04:01:10'), seconds: 200, usual: 198,
      steps: nodes.filter((node) => node.kind === 'model').map((node) => step('model', node.name)) });
  }
  const days = [];
  for (let day = 8; day < 90; day++) for (const [kind, name] of [['job', 'nightly'], ['run', '*'], ['transform', '*']]) days.push({ day: dayBefore(day), kind, name, runs: 1, failed: day % 31 === 0 ? 1 : 0, seconds: 300 + (day % 7) * 10 });
  return {
    format: 1, version: '0.2.0', lang, made_at: made, valid_until: '2026-11-30T04:00:00+00:00', audience: { role: 'etat', sees: 'names', samples: false },
    project: { name: 'barometre_numerique', schema: 'analytics', timezone: 'Europe/Paris', loaded_at: at(12), git_commit: '4be1c0de9f3a77e0' },
    state: { code: 0, sentence: lang === 'fr' ? 'Tout va bien : les chiffres publiés vont jusqu’au 26 novembre 2026.' : 'All is well: published figures go to 26 November 2026.', published_to: dayBefore(3), late: 0, failures: 0, warnings: 0 },
    failures: [], problems: [],
    jobs: [
      { name: 'nightly', description: 'Everything, each night', interval: '0 5 * * *', timezone: 'Europe/Paris', state: 'scheduled', steps: ['run *', 'transform *', 'test *'], last: { run: 813, status: 'succeeded', started: at(0, '04:00:00'), seconds: 310 }, usual: 305, next: '2026-11-30T04:00:00+00:00' },
      { name: 'hourly_crm', interval: '@hourly', timezone: 'Europe/Paris', state: 'scheduled', steps: ['transform crm_users_history+'], last: { run: 790, status: 'succeeded', started: at(0, '04:30:00'), seconds: 2 }, usual: 2, next: '2026-11-29T06:00:00+00:00' },
      { name: 'monthly_report', state: 'by hand', steps: ['transform national_summary'] },
    ],
    nodes, edges, tests, runs, days,
    server: { version: '15.14', database: 'mydb', bytes: 5.1e9, schemas: [{ name: 'analytics', tables: 14, bytes: 1.9e9 }, { name: 'tap_csv_ppel', tables: 1, bytes: 2.2e9 }, { name: 'barometre', tables: 14, bytes: 4.1e7 }],
      unowned: [{ schema: 'analytics', name: 'ppel_daily_old', kind: 'table', bytes: 9.1e6, rows: 40211 }],
      cron: { database: 'postgres', entries: [{ job: 'barometre mydb nightly', schedule: '0 * * * *', active: true, last: { status: 'succeeded', at: at(0, '04:00:00') } }] } },
  };
}

/** The same project after a night in which a file was cut off, a model could not be built, and a test failed and one warned. */
export function failedNight({ lang = 'en' } = {}) {
  const page = wellKept({ lang });
  const find = (name) => page.nodes.findIndex((node) => node.name === name);
  const geo = find('ppel_geo'), logs = find('tap_csv_easiware.easiware_requests'), vox = find('tap_csv_voxusagers.experiences'), day = find('exp_count_day');
  page.state = { code: 2, published_to: dayBefore(3), late: 1, late_since: dayBefore(5), failures: 3, warnings: 1,
    sentence: lang === 'fr' ? 'Cette nuit, 3 étapes ont échoué ; les chiffres publiés vont jusqu’au 26 novembre 2026, et 1 table est plus ancienne que promis, depuis le mardi 24 novembre.' : 'Last night 3 steps failed; published figures go to 26 November 2026, and 1 table is older than promised, since Tuesday 24 November.' };
  page.failures = [
    { severity: 'error', what: 'transform *', place: 'ppel_geo', node: geo, why: 'division by zero\nThe model models/ppel/ppel_geo.sql could not be built; readers still have the table of 28 November.', what_to_do: "Correct models/ppel/ppel_geo.sql, then: CALL baro_transform('ppel_geo+');", at: at(0, '04:02:31'), run: 811 },
    { severity: 'error', what: 'test *', place: 'unique of exp_count_day.date', node: day, why: '3 rows of exp_count_day have a date that others have too.', what_to_do: "SELECT target, sample FROM barometre.test_result WHERE run = 813 AND status = 'fail';", at: at(2, '04:05:00'), run: 813 },
    { severity: 'error', what: 'run *', place: 'easiware/easiware-2026-11-29.csv', node: logs, why: 'the file ends within quotes, in record 702, line 1911\nThe file was left out; the other files of the stream were loaded.', what_to_do: 'Have the file sent again, whole.', at: at(0, '04:00:40'), run: 812 },
    { severity: 'warning', what: 'run *', place: 'tap_csv_easiware.easiware_requests', node: logs, why: '2 of 702 records were set aside', what_to_do: "SELECT line, column_name, reason FROM barometre.reject WHERE tap = 'tap_csv_easiware' AND stream = 'easiware_requests';", at: at(3, '04:00:30'), run: 803 },
  ];
  page.problems = [{ kind: 'model', name: 'exp_tags', file: 'models/voxusagers/exp_tags.sql', line: 7, message: 'no model, seed, stream or source is called voxusager_clean', hint: 'Did you mean voxusagers_clean?' }];
  page.nodes[vox].freshness = { status: 'late', newest: at(20), age: '20 days', expected: '14 days', since: at(5) };
  Object.assign(page.nodes[geo], { status: 'failed', since: at(0, '04:02:31'), last: { run: 811, status: 'failed', at: at(0, '04:02:31'), seconds: 0.8, message: 'division by zero' } });
  page.nodes[geo].history.unshift({ run: 811, at: at(0, '04:02:31'), status: 'failed', seconds: 0.8 });
  page.nodes[logs].files.last.unshift({ path: 'easiware/easiware-2026-11-29.csv', bytes: 120000, at: at(0, '04:00:40'), run: 812, state: 'left out', why: 'the file ends within quotes, in record 702, line 1911' });
  page.nodes[logs].rejects = [{ sqlstate: '22008', column: 'date', records: 2, files: 1, file: 'easiware/easiware-2026-11-26.csv', line: 88 }];
  for (const test of page.tests) {
    if (test.node === day && test.test === 'unique') Object.assign(test, { status: 'fail', failures: 3, since: at(2, '04:05:00'), message: '3 rows', history: { from: dayBefore(89), days: `${'p'.repeat(60)}-----${'p'.repeat(22)}fff` } });
    if (test.test === 'accepted_values') Object.assign(test, { status: 'warn', failures: 12, since: at(9, '04:05:00'), history: { from: dayBefore(29), days: `${'p'.repeat(20)}wwwwewwwsw` } });
  }
  for (const run of page.runs.slice(0, 3)) Object.assign(run, { status: run.kind === 'run' ? 'succeeded' : 'failed', ...(run.kind === 'run' ? {} : { message: 'ppel_geo: division by zero', hint: "Correct it, then: CALL baro_transform('ppel_geo+');" }) });
  const failed = page.runs[2].steps.find((step) => step.name === 'ppel_geo');
  Object.assign(failed, { status: 'failed', message: 'division by zero', seconds: 0.8, inserted: undefined });
  page.jobs[0].last.status = 'failed';
  page.jobs[0].last.message = 'ppel_geo: division by zero';
  page.jobs[1].missed = '2026-11-29T04:00:00+00:00';
  return page;
}

/** Names that would be markup, a tag's end, a property that every object has, that change the direction of what follows, or are as long as may be. */
export const hostile = ['</script><script>alert(1)</script>', '<!--<script>', '"\'`&amp;<img src=x onerror=alert(2)>', '\u202e\u2067evil\u200f', '😀'.repeat(15) + 'abc', '__proto__', 'constructor', 'toString', 'a'.repeat(63), '$& $1 $`'];

/** A project in which every text is hostile. */
export function hostileNames({ lang = 'en' } = {}) {
  const page = failedNight({ lang });
  let at = 0;
  const name = () => hostile[at++ % hostile.length];
  const keep = new Set(['kind', 'status', 'state', 'severity', 'type_', 'sees', 'lang', 'days', 'from', 'to', 'day', 'at', 'started', 'since', 'next', 'missed', 'made_at', 'valid_until', 'loaded_at', 'published_to', 'newest', 'late_since', 'scheduled_for', 'timezone']);
  const spoil = (value, key) => {
    if (typeof value === 'string') return keep.has(key) ? value : `${name()} ${value}`.slice(0, 300);
    if (Array.isArray(value)) return value.map((item) => spoil(item, key));
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, spoil(item, inner)]));
    return value;
  };
  const spoilt = spoil(page, '');
  spoilt.nodes.forEach((node, index) => {
    node.name = hostile[index] ?? node.name;
    node.id = `${node.kind}.${node.name}`;
  });
  spoilt.project.timezone = 'posix/Nowhere';
  spoilt.runs[0].kind = 'constructor';
  spoilt.nodes[3].status = '__proto__';
  spoilt.jobs[0].state = 'toString';
  return spoilt;
}

/** What a page has before anybody read a project. */
export const noProject = ({ lang = 'en' } = {}) => ({ format: 1, version: '0.2.0', lang, made_at: made, audience: { role: 'postgres', sees: 'all', samples: false }, state: { code: 3, sentence: 'Nothing was loaded yet.', late: 0, failures: 0, warnings: 0 },
  failures: [], problems: [], jobs: [], nodes: [], edges: [], tests: [], runs: [], days: [], server: { version: '15.14', database: 'mydb', bytes: 8e6, schemas: [], unowned: [] } });

/** Nothing but what no page is without. */
export const bare = () => ({ format: 1 });

/** A project that was read, and of which nothing was run. */
export function noRuns({ lang = 'en' } = {}) {
  const page = wellKept({ lang });
  for (const node of page.nodes) {
    for (const key of ['last', 'since', 'loaded_at', 'rows', 'rows_by_day', 'bytes', 'period', 'history', 'files', 'freshness']) delete node[key];
    if (node.kind !== 'source') Object.assign(node, { status: 'never', exists: false, columns: node.columns?.map(({ name, description }) => ({ name, description })) });
  }
  page.tests = page.tests.map(({ node, target, column: of, name, test, severity, definition }) => ({ node, target, column: of, name, test, severity, definition }));
  for (const job of page.jobs) delete job.last;
  delete page.server.cron;
  return { ...page, runs: [], days: [], state: { code: 3, sentence: 'Nothing was loaded yet.', late: 0, failures: 0, warnings: 0 } };
}

/** What a reader may see. */
export function reader({ lang = 'en' } = {}) {
  const { format, version, made_at, project, nodes, edges, tests } = wellKept({ lang });
  for (const node of nodes) for (const key of ['last', 'history', 'files', 'rejects', 'since']) delete node[key];
  for (const test of tests) delete test.run;
  return { format, version, lang, made_at, project, nodes, edges, tests, audience: { role: 'agents', sees: 'relations', samples: false }, state: { code: 0, sentence: 'All is well: published figures go to 26 November 2026.', published_to: dayBefore(3) } };
}

/** As many models as wanted, in layers, with 90 days of jobs each hour. */
export function big(models = 1000, { lang = 'en' } = {}) {
  const chance = random(11);
  const page = wellKept({ lang });
  const streams = Math.max(5, Math.round(models / 20)), nodes = [], edges = [], tests = [];
  for (let index = 0; index < streams; index++) nodes.push({ ...page.nodes[index % 4], id: `stream.tap_${index % 7}.stream_${index}`, name: `tap_${index % 7}.stream_${index}`, schema: `tap_${index % 7}` });
  for (let index = 0; index < models; index++) {
    const place = nodes.length, name = `model_${index}_of_${['sales', 'people', 'visits', 'reports'][index % 4]}`;
    nodes.push({ ...page.nodes[6 + (index % 11)], id: `model.${name}`, name, relation: name, definition: `models/${index % 12}/${name}.sql`,
      ...(index === 123 ? { status: 'failed' } : {}), rows_by_day: { from: dayBefore(89), rows: Array.from({ length: 90 }, (_, day) => 1000 * (index + 1) + day * 13) } });
    const layer = Math.floor((index / models) * 8), before = layer === 0 ? streams : streams + Math.floor((models * layer) / 8);
    for (const input of new Set(Array.from({ length: 1 + Math.floor(chance() * 3) }, () => (layer === 0 ? Math.floor(chance() * streams) : Math.floor(before * (1 - chance() * chance())))))) if (input < place) edges.push([input, place]);
    if (index % 5 === 0) edges.push([0, place]);
    for (const kind of ['unique', 'not_null', 'accepted_values']) tests.push({ node: place, target: name, column: 'date', name: kind, test: kind, severity: 'error', definition: 'models/schema.yml:9', status: index === 123 ? 'fail' : 'pass', at: at(0), seconds: 0.04, run: 813, since: at(60), sql: `SELECT * FROM analytics.${name} WHERE date IS NULL`, history: { from: dayBefore(89), days: 'p'.repeat(90) } });
  }
  const runs = Array.from({ length: 30 }, (_, hour) => {
    const started = new Date(Date.parse(made) - (hour + 1) * 3600e3).toISOString().slice(0, 19) + '+00:00';
    return { id: 9000 - hour, kind: hour % 2 ? 'transform' : 'job', name: hour % 2 ? '*' : 'hourly', role: 'meltano', status: 'succeeded', started, seconds: 90 + chance() * 60, usual: 110,
      ...(hour % 2 ? { unchanged: models - 5, passed: 12 } : {}), steps: hour % 2 ? nodes.slice(streams, streams + 5).map((node, index) => ({ kind: 'model', name: node.name, node: streams + index, status: 'succeeded', seconds: 1, inserted: 10 })) : [{ kind: 'transform', name: '*', status: 'succeeded', seconds: 100 }] };
  });
  const days = [];
  for (let day = 0; day < 90; day++) for (const [kind, name] of [['job', 'hourly'], ['transform', '*'], ['run', '*']]) days.push({ day: dayBefore(day), kind, name, runs: 24, failed: day % 20 === 3 ? 1 : 0, seconds: 2400 });
  return { ...page, nodes, edges, tests, runs, days, failures: [], problems: [] };
}
