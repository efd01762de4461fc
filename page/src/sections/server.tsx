import { useData } from '../parts/context';
import { Query } from '../parts/copy';
import { Facts } from '../parts/facts';
import { Table } from '../parts/table';
import { Name, Status } from '../parts/text';
import { bytes, number, time } from '../format';
import { w } from '../words';

export function Server() {
  const data = useData();
  const server = data.server;
  if (!server) return <><h1 tabIndex={-1}>{w.sections.server}</h1><p>{w.serverHidden}</p></>;
  const schemas = server.schemas ?? [], unowned = server.unowned ?? [], cron = server.cron;
  const largest = Math.max(1, ...schemas.map((schema) => schema.bytes ?? 0));
  return <>
    <h1 tabIndex={-1}>{w.sections.server}</h1>
    <Facts facts={[
      [w.database, server.database && <Name>{server.database}</Name>],
      [w.serverVersion, server.version && <Name>{server.version}</Name>],
      [w.databaseSize, bytes(server.bytes)],
    ]} />
    {schemas.length > 0 && <section aria-labelledby="schemas"><h2 id="schemas">{w.schemas}</h2>
      <Table label={w.schemas} rows={schemas} columns={[
        { head: w.schema, main: true, cell: (schema) => <Name>{schema.name}</Name> },
        { head: w.tables, num: true, cell: (schema) => schema.tables !== undefined && number(schema.tables) },
        { head: w.size, cell: (schema) => schema.bytes !== undefined && <span class="took"><span class="took-bar" aria-hidden="true"><span class="took-fill" style={{ width: `${(100 * schema.bytes) / largest}%` }} /></span><span>{bytes(schema.bytes)}</span></span> },
      ]} /></section>}
    <section aria-labelledby="unowned"><h2 id="unowned">{w.unowned}</h2>
      {unowned.length === 0 ? <p>{w.noUnowned}</p> : <><p>{w.unownedIntro}</p>
        <Table label={w.unowned} rows={unowned} columns={[
          { head: w.name, main: true, cell: (table) => <Name code>{table.schema ? `${table.schema}.${table.name}` : table.name}</Name> },
          { head: w.kindWord, cell: (table) => table.kind && <Name>{table.kind}</Name> },
          { head: w.size, num: true, cell: (table) => bytes(table.bytes) },
          { head: w.rows, num: true, cell: (table) => table.rows !== undefined && number(table.rows) },
        ]} /></>}</section>
    <section aria-labelledby="cron"><h2 id="cron">{w.cron}</h2>
      {!cron ? <p>{w.noCron}</p> : <>
        {cron.database && <p>{w.cronIn(cron.database)}</p>}
        {!cron.entries?.length ? <><p>{w.cronNone}</p><Query sql="SELECT * FROM baro_schedule();" /></>
          : <Table label={w.cron} rows={cron.entries} columns={[
            { head: w.job, main: true, cell: (entry) => <Name>{entry.job}</Name> },
            { head: w.schedule, cell: (entry) => entry.schedule && <Name code>{entry.schedule}</Name> },
            { head: w.active, cell: (entry) => entry.active === undefined ? '' : entry.active ? w.yes : <Status condition="warn">{w.no}</Status> },
            { head: w.lastRun, cell: (entry) => entry.last && <><Status of={entry.last.status} /> {entry.last.at && time(entry.last.at, data.made_at)} {entry.last.message && <span class="quiet"><bdi>{entry.last.message}</bdi></span>}</> },
          ]} />}
      </>}</section>
  </>;
}
