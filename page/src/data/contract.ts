// What baro_page_data() gives, format 1. A key without a value is absent, so that nearly all of them may be; times are ISO 8601,
// days those of the project's time zone, durations seconds, shares 0 to 1, and `node` an index into `nodes`.

export type Day = string;
export type Time = string;

export interface Audience { role?: string; sees?: 'all' | 'names' | 'relations'; samples?: boolean }
export interface Project { name?: string; schema?: string; timezone?: string; loaded_at?: Time; git_commit?: string }
export interface State {
  code: number; sentence?: string; published_to?: Day; late?: number; late_since?: Day; failures?: number; warnings?: number;
}
export interface Failure {
  severity?: 'error' | 'warning'; what?: string; place?: string; node?: number; why?: string; what_to_do?: string; at?: Time; run?: number;
}
export interface Problem {
  kind?: string; name?: string; node?: number; file?: string; line?: number; message?: string; detail?: string; hint?: string;
}
export interface Job {
  name: string; description?: string; interval?: string; timezone?: string; state?: string; steps?: (string | null)[]; after?: string;
  last?: { run?: number; status?: string; started?: Time; seconds?: number; message?: string; warnings?: number };
  usual?: number; next?: Time; missed?: Time;
}
export interface Counts { inserted?: number; updated?: number; deleted?: number; rejected?: number; records?: number }
export interface Last extends Counts {
  run?: number; status?: string; at?: Time; seconds?: number; usual?: number; why?: string; message?: string;
}
export interface Column {
  name: string; type?: string; description?: string; not_null?: boolean; key?: boolean; hashed?: boolean;
  nulls?: number; distinct?: number; from?: Day; to?: Day;
}
export interface FileEntry {
  path: string; records?: number; bytes?: number; rejected?: number; at?: Time; run?: number;
  state?: 'loaded' | 'left out' | 'forgotten'; why?: string;
}
export interface Reject {
  sqlstate?: string; column?: string; records?: number; files?: number; file?: string; line?: number; reason?: string;
}
export type Kind = 'stream' | 'seed' | 'model' | 'snapshot' | 'source';
export interface Node {
  id: string; kind: Kind; name: string; schema?: string; relation?: string; exists?: boolean; materialized?: string;
  description?: string; tags?: (string | null)[]; definition?: string; status?: string; since?: Time; last?: Last; loaded_at?: Time;
  freshness?: { status?: string; newest?: Time; age?: string; expected?: string; since?: Time };
  rows?: number; rows_by_day?: { from: Day; rows: (number | null)[] }; bytes?: number;
  period?: { column?: string; from?: Day; to?: Day };
  columns?: Column[]; written?: string; lookup?: string;
  /** In a page the lines of the text, those that `written` has as their places there, from 0. */
  compiled?: string | (string | number)[];
  history?: (Counts & { run?: number; at?: Time; status?: string; seconds?: number })[];
  files?: { count?: number; records?: number; bytes?: number; rejected?: number; last?: FileEntry[] };
  rejects?: Reject[];
}
export interface Test {
  node?: number; target?: string; column?: string; name: string; test?: string; severity?: 'error' | 'warn'; definition?: string;
  sql?: string; arguments?: unknown; status?: 'pass' | 'warn' | 'fail' | 'error' | 'skip'; failures?: number; at?: Time; seconds?: number;
  run?: number; since?: Time; message?: string; history?: { from: Day; days: string }; sample?: unknown[];
}
export interface Step extends Counts {
  kind?: string; name?: string; node?: number; status?: string; why?: string; seconds?: number; message?: string; warnings?: number;
}
export interface Run {
  id: number; kind?: string; name?: string; role?: string; status?: string; started?: Time; seconds?: number; usual?: number;
  scheduled_for?: Time; message?: string; detail?: string; hint?: string; steps?: Step[];
  /** Steps that `steps` leaves out: those that found nothing new, and tests that passed. */
  unchanged?: number; passed?: number;
}
export interface DaySum { day: Day; kind?: string; name?: string; runs?: number; failed?: number; seconds?: number }
export interface Server {
  version?: string; database?: string; bytes?: number;
  schemas?: { name: string; tables?: number; bytes?: number }[];
  unowned?: { schema?: string; name: string; kind?: string; bytes?: number; rows?: number }[];
  cron?: {
    database?: string;
    entries?: { job: string; schedule?: string; active?: boolean; last?: { status?: string; at?: Time; message?: string } }[];
  };
}
export interface PageData {
  format: number; version?: string; lang?: string; made_at?: Time; valid_until?: Time; audience?: Audience; project?: Project;
  state?: State; failures?: Failure[]; problems?: Problem[]; jobs?: Job[]; nodes?: Node[]; edges?: [number, number][];
  tests?: Test[]; runs?: Run[]; days?: DaySum[]; server?: Server;
}
