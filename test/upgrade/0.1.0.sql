--
-- PostgreSQL database dump
--

\restrict fxdMfWfCqFJLXfyvP5e2XNoNftjfVciwh5vTVuz9JpumjHX5UVjorHIbB3va4sT

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: analytics; Type: SCHEMA; Schema: -; Owner: meltano
--

CREATE SCHEMA analytics;


ALTER SCHEMA analytics OWNER TO meltano;

--
-- Name: barometre; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS barometre WITH SCHEMA public;


--
-- Name: EXTENSION barometre; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION barometre IS 'ELT inside the database: CSV taps, SQL models, data tests';


--
-- Name: tap; Type: SCHEMA; Schema: -; Owner: meltano
--

CREATE SCHEMA tap;


ALTER SCHEMA tap OWNER TO meltano;

--
-- Name: pgtap; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pgtap WITH SCHEMA public;


--
-- Name: EXTENSION pgtap; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pgtap IS 'Unit testing for PostgreSQL';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: codes; Type: TABLE; Schema: analytics; Owner: meltano
--

CREATE TABLE analytics.codes (
    code bigint,
    name text
);


ALTER TABLE analytics.codes OWNER TO meltano;

--
-- Name: m; Type: TABLE; Schema: analytics; Owner: meltano
--

CREATE TABLE analytics.m (
    id integer,
    v text,
    x integer
);


ALTER TABLE analytics.m OWNER TO meltano;

--
-- Name: registered; Type: TABLE; Schema: analytics; Owner: meltano
--

CREATE TABLE analytics.registered (
    one integer
);


ALTER TABLE analytics.registered OWNER TO meltano;

--
-- Name: others; Type: TABLE; Schema: public; Owner: meltano
--

CREATE TABLE public.others (
    x integer
);


ALTER TABLE public.others OWNER TO meltano;

--
-- Name: s; Type: TABLE; Schema: tap; Owner: meltano
--

CREATE TABLE tap.s (
    id integer NOT NULL,
    v text,
    _baro_file integer,
    _baro_line bigint
);


ALTER TABLE tap.s OWNER TO meltano;

--
-- Data for Name: codes; Type: TABLE DATA; Schema: analytics; Owner: meltano
--

COPY analytics.codes (code, name) FROM stdin;
1	one
\.


--
-- Data for Name: m; Type: TABLE DATA; Schema: analytics; Owner: meltano
--

COPY analytics.m (id, v, x) FROM stdin;
2	y	\N
1	x	\N
3	z	\N
\.


--
-- Data for Name: registered; Type: TABLE DATA; Schema: analytics; Owner: meltano
--

COPY analytics.registered (one) FROM stdin;
1
\.


--
-- Data for Name: bookmark; Type: TABLE DATA; Schema: barometre; Owner: postgres
--

COPY barometre.bookmark (tap, stream, newest_mtime, newest_data, newest_value, newest_of, hashed, files, records, rows, run, updated_at) FROM stdin;
tap	s	2026-11-28 07:39:41.709619+00	3	\N	\N		2	4	3	1	2026-11-28 07:39:43.747159+00
\.


--
-- Data for Name: file; Type: TABLE DATA; Schema: barometre; Owner: postgres
--

COPY barometre.file (id, tap, stream, path, size, mtime, ctime, inode, hash, parsed_bytes, parsed_hash, records, run, loaded_at) FROM stdin;
1	tap	s	in/a.csv	13	2026-11-28 07:39:41.709619+00	2026-11-28 07:39:41.709619+00	5331005	5beed859f7d87687109982cf96678fb7	13	5beed859f7d87687109982cf96678fb7	2	1	2026-11-28 07:39:43.74561+00
2	tap	s	in/b.csv	19	2026-11-28 07:39:41.709619+00	2026-11-28 07:39:41.709619+00	5331006	6c60feac0d9da2308c41279381bbfdee	19	6c60feac0d9da2308c41279381bbfdee	2	1	2026-11-28 07:39:43.746033+00
\.


--
-- Data for Name: reject; Type: TABLE DATA; Schema: barometre; Owner: postgres
--

COPY barometre.reject (id, run, tap, stream, file, line, last_line, byte_offset, column_name, sqlstate, reason, raw) FROM stdin;
1	1	tap	s	in/b.csv	3	3	9	id	22P02	"no" is not of type integer	\\x6e6f2c6e756d626572
\.


--
-- Data for Name: run; Type: TABLE DATA; Schema: barometre; Owner: postgres
--

COPY barometre.run (id, kind, name, role, started_at, finished_at, status, sqlstate, message, detail, hint, scheduled_for) FROM stdin;
1	run	*	meltano	2026-11-28 07:39:43.461504+00	2026-11-28 07:39:43.747844+00	succeeded	\N	\N	\N	\N	\N
2	seed	*	meltano	2026-11-28 07:39:43.884539+00	2026-11-28 07:39:43.997369+00	succeeded	\N	\N	\N	\N	\N
4	run	tap	meltano	2026-11-28 07:39:44.611196+00	2026-11-28 07:39:44.626792+00	succeeded	\N	\N	\N	\N	\N
5	transform	*	meltano	2026-11-28 07:39:44.640072+00	2026-11-28 07:39:44.658894+00	succeeded	\N	\N	\N	\N	\N
3	job	nightly	meltano	2026-11-28 07:39:44.582555+00	2026-11-28 07:39:44.661421+00	succeeded	\N	\N	\N	\N	\N
6	test	*	meltano	2026-11-28 07:39:44.754001+00	2026-11-28 07:39:44.758834+00	succeeded	\N	\N	\N	\N	\N
\.


--
-- Data for Name: step; Type: TABLE DATA; Schema: barometre; Owner: postgres
--

COPY barometre.step (run, number, kind, name, status, why, files, read, records, inserted, updated, unchanged, deleted, rejected, superseded, blank_lines, bytes, seconds, sqlstate, message) FROM stdin;
1	1	stream	tap.s	succeeded	\N	2	2	4	3	0	0	0	1	0	0	32	0.285	\N	\N
2	1	seed	codes	succeeded	\N	1	1	1	1	0	0	0	0	0	0	16	0.109	\N	\N
4	1	stream	tap.s	succeeded	\N	2	0	0	0	0	0	0	0	0	0	0	0.009	\N	\N
3	1	run	tap	succeeded	\N	0	0	0	0	0	0	0	0	0	0	0	0.020	\N	\N
5	1	model	registered	succeeded	it was never built	0	0	1	1	0	0	0	0	0	0	8192	0.002	\N	\N
5	2	model	m	succeeded	it was never built	0	0	3	3	0	0	0	0	0	0	16384	0.007	\N	\N
3	2	transform	*	succeeded	\N	0	0	0	0	0	0	0	0	0	0	0	0.030	\N	\N
6	1	test	t singular	pass	\N	0	0	0	0	0	0	0	0	0	0	0	0.000	\N	\N
6	2	test	m.id unique	pass	\N	0	0	0	0	0	0	0	0	0	0	0	0.000	\N	\N
6	3	test	m.id not_null	pass	\N	0	0	0	0	0	0	0	0	0	0	0	0.001	\N	\N
\.


--
-- Data for Name: test_result; Type: TABLE DATA; Schema: barometre; Owner: postgres
--

COPY barometre.test_result (run, target, test, severity, status, failures, seconds, message, sample, tested_at) FROM stdin;
5	m.id	unique	error	pass	0	0.000	\N	\N	2026-11-28 07:39:44.660352+00
5	m.id	not_null	error	pass	0	0.000	\N	\N	2026-11-28 07:39:44.660604+00
6	t	singular	error	pass	0	0.000	\N	\N	2026-11-28 07:39:44.769181+00
6	m.id	unique	error	pass	0	0.000	\N	\N	2026-11-28 07:39:44.769359+00
6	m.id	not_null	error	pass	0	0.001	\N	\N	2026-11-28 07:39:44.769361+00
\.


--
-- Data for Name: job; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.job (name, definition, scheduled_since) FROM stdin;
nightly	{"after": null, "steps": [{"run": "tap", "streams": null, "full_refresh": false}, {"exclude": null, "transform": "*", "on_failure": "stop", "full_refresh": false}], "enabled": true, "retries": {"count": 0, "delay": "1 minute"}, "timeout": null, "interval": "@daily", "timezone": "UTC", "on_failure": "stop", "start_date": null, "description": null, "on_failure_sql": null}	2026-11-28 07:39:44.83797+00
\.


--
-- Data for Name: model; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.model (name, schema, materialized, file, description, relation, tags, meta) FROM stdin;
m	analytics	table	models/m.sql	\N	m	{}	{}
registered	analytics	table	model "registered" (registered)	\N	registered	{}	{}
\.


--
-- Data for Name: model_edge; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.model_edge (model, input, kind) FROM stdin;
m	tap.s	stream
\.


--
-- Data for Name: project; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.project (name, path, owner, schema, timezone, hash, loaded_at) FROM stdin;
upgrade	\N	meltano	analytics	UTC	13e526c0485b940249193b8a8a4ad78b	2026-11-28 07:39:44.439302+00
\.


--
-- Data for Name: registered; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.registered (kind, name, query, options, registered_at) FROM stdin;
model	registered	select 1 as one	{}	2026-11-28 07:39:44.146141+00
stream	more.r	\N	{"path": "none", "pattern": ".*"}	2026-11-28 07:39:44.255138+00
test	t	select 1 where false	{}	2026-11-28 07:39:44.407345+00
\.


--
-- Data for Name: registered_by; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.registered_by (kind, name, owner) FROM stdin;
model	registered	meltano
stream	more.r	meltano
test	t	meltano
\.


--
-- Data for Name: seed; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.seed (name, description) FROM stdin;
codes	\N
\.


--
-- Data for Name: stream; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.stream (tap, name, path, pattern, key_properties, description, definition, freshness) FROM stdin;
tap	s	in	.*\\.csv	{id}	\N	barometre.yml:6	\N
more	r	none	.*	{}	\N	stream "more.r" (registered)	\N
\.


--
-- Data for Name: tap; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.tap (name, description) FROM stdin;
tap	\N
more	\N
\.


--
-- Data for Name: test; Type: TABLE DATA; Schema: barometre_internal; Owner: postgres
--

COPY barometre_internal.test (target, test, name, severity, arguments, config, definition) FROM stdin;
m.id	unique	unique	error	{}	{"warn_if": "!= 0", "error_if": "!= 0"}	models/schema.yml:3
m.id	not_null	not_null	error	{}	{"warn_if": "!= 0", "error_if": "!= 0"}	models/schema.yml:3
t	singular	singular	error	{}	{"warn_if": "!= 0", "error_if": "!= 0"}	test "t" (registered)
\.


--
-- Data for Name: others; Type: TABLE DATA; Schema: public; Owner: meltano
--

COPY public.others (x) FROM stdin;
\.


--
-- Data for Name: s; Type: TABLE DATA; Schema: tap; Owner: meltano
--

COPY tap.s (id, v, _baro_file, _baro_line) FROM stdin;
1	x	1	2
2	y	1	3
3	z	2	2
\.


--
-- Name: file_id_seq; Type: SEQUENCE SET; Schema: barometre; Owner: postgres
--

SELECT pg_catalog.setval('barometre.file_id_seq', 2, true);


--
-- Name: reject_id_seq; Type: SEQUENCE SET; Schema: barometre; Owner: postgres
--

SELECT pg_catalog.setval('barometre.reject_id_seq', 1, true);


--
-- Name: run_id_seq; Type: SEQUENCE SET; Schema: barometre; Owner: postgres
--

SELECT pg_catalog.setval('barometre.run_id_seq', 6, true);


--
-- Name: s s_pkey; Type: CONSTRAINT; Schema: tap; Owner: meltano
--

ALTER TABLE ONLY tap.s
    ADD CONSTRAINT s_pkey PRIMARY KEY (id);


--
-- Name: others baro_stamp; Type: TRIGGER; Schema: public; Owner: meltano
--

CREATE TRIGGER baro_stamp AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.others FOR EACH STATEMENT EXECUTE FUNCTION public.baro_stamp();


--
-- Name: SCHEMA analytics; Type: ACL; Schema: -; Owner: meltano
--

GRANT USAGE ON SCHEMA analytics TO "express-api";


--
-- Name: SCHEMA barometre; Type: ACL; Schema: -; Owner: postgres
--

GRANT USAGE ON SCHEMA barometre TO meltano;


--
-- Name: SCHEMA barometre_internal; Type: ACL; Schema: -; Owner: postgres
--

GRANT USAGE ON SCHEMA barometre_internal TO meltano;


--
-- Name: FUNCTION baro_check(tap text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_check(tap text) TO meltano;


--
-- Name: FUNCTION baro_compile(name text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_compile(name text) TO meltano;


--
-- Name: FUNCTION baro_export(); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_export() TO meltano;


--
-- Name: FUNCTION baro_help(); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_help() TO meltano;


--
-- Name: PROCEDURE baro_job(IN name text, IN scheduled_at timestamp with time zone); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON PROCEDURE public.baro_job(IN name text, IN scheduled_at timestamp with time zone) TO meltano;


--
-- Name: FUNCTION baro_load_project(path text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_load_project(path text) TO meltano;


--
-- Name: FUNCTION baro_ls(selection text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_ls(selection text) TO meltano;


--
-- Name: FUNCTION baro_plan(selection text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_plan(selection text) TO meltano;


--
-- Name: FUNCTION baro_preview(tap text, stream text, max_records integer); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_preview(tap text, stream text, max_records integer) TO meltano;


--
-- Name: FUNCTION baro_register_model(name text, query text, options jsonb); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_register_model(name text, query text, options jsonb) TO meltano;


--
-- Name: FUNCTION baro_register_stream(tap text, stream text, options jsonb); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_register_stream(tap text, stream text, options jsonb) TO meltano;


--
-- Name: FUNCTION baro_register_test(name text, query text, options jsonb); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_register_test(name text, query text, options jsonb) TO meltano;


--
-- Name: FUNCTION baro_run(tap text, streams text[], full_refresh boolean); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_run(tap text, streams text[], full_refresh boolean) TO meltano;


--
-- Name: FUNCTION baro_schedule(); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_schedule() TO meltano;


--
-- Name: FUNCTION baro_seed(seeds text[]); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_seed(seeds text[]) TO meltano;


--
-- Name: FUNCTION baro_stamp(); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_stamp() TO meltano;


--
-- Name: FUNCTION baro_test(selection text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_test(selection text) TO meltano;


--
-- Name: FUNCTION baro_test_tap(selection text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_test_tap(selection text) TO meltano;


--
-- Name: PROCEDURE baro_transform(IN selection text, IN exclude text, IN full_refresh boolean, IN on_failure text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON PROCEDURE public.baro_transform(IN selection text, IN exclude text, IN full_refresh boolean, IN on_failure text) TO meltano;


--
-- Name: FUNCTION baro_unregister(kind text, name text); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_unregister(kind text, name text) TO meltano;


--
-- Name: FUNCTION baro_unschedule(); Type: ACL; Schema: public; Owner: postgres
--

GRANT ALL ON FUNCTION public.baro_unschedule() TO meltano;


--
-- Name: TABLE codes; Type: ACL; Schema: analytics; Owner: meltano
--

GRANT SELECT ON TABLE analytics.codes TO "express-api";


--
-- Name: TABLE m; Type: ACL; Schema: analytics; Owner: meltano
--

GRANT SELECT ON TABLE analytics.m TO "express-api";


--
-- Name: TABLE registered; Type: ACL; Schema: analytics; Owner: meltano
--

GRANT SELECT ON TABLE analytics.registered TO "express-api";


--
-- Name: TABLE bookmark; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.bookmark TO meltano;


--
-- Name: TABLE file; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.file TO meltano;


--
-- Name: TABLE reject; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.reject TO meltano;


--
-- Name: TABLE run; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.run TO meltano;


--
-- Name: TABLE step; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.step TO meltano;


--
-- Name: TABLE test_result; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.test_result TO meltano;


--
-- Name: TABLE stream; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.stream TO meltano;


--
-- Name: TABLE data_age; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.data_age TO meltano;


--
-- Name: TABLE job; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.job TO meltano;


--
-- Name: TABLE run_alive; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.run_alive TO meltano;


--
-- Name: TABLE run_state; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.run_state TO meltano;


--
-- Name: TABLE missed_run; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.missed_run TO meltano;


--
-- Name: TABLE model; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.model TO meltano;


--
-- Name: TABLE seed; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.seed TO meltano;


--
-- Name: TABLE test; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.test TO meltano;


--
-- Name: TABLE failure; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.failure TO meltano;


--
-- Name: TABLE project; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.project TO meltano;


--
-- Name: TABLE zone; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.zone TO meltano;


--
-- Name: TABLE failures; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.failures TO meltano;


--
-- Name: TABLE freshness; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.freshness TO meltano;


--
-- Name: TABLE history; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.history TO meltano;


--
-- Name: TABLE lineage; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.lineage TO meltano;


--
-- Name: TABLE missed; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.missed TO meltano;


--
-- Name: TABLE progress; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.progress TO meltano;


--
-- Name: TABLE report; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.report TO meltano;


--
-- Name: TABLE usual_duration; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.usual_duration TO meltano;


--
-- Name: TABLE status; Type: ACL; Schema: barometre; Owner: postgres
--

GRANT SELECT ON TABLE barometre.status TO meltano;


--
-- Name: TABLE build; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.build TO meltano;


--
-- Name: TABLE build_input; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.build_input TO meltano;


--
-- Name: TABLE change; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.change TO meltano;


--
-- Name: TABLE model_edge; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.model_edge TO meltano;


--
-- Name: TABLE pruning; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.pruning TO meltano;


--
-- Name: TABLE registered; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.registered TO meltano;


--
-- Name: TABLE registered_by; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.registered_by TO meltano;


--
-- Name: TABLE tap; Type: ACL; Schema: barometre_internal; Owner: postgres
--

GRANT SELECT ON TABLE barometre_internal.tap TO meltano;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: analytics; Owner: meltano
--

ALTER DEFAULT PRIVILEGES FOR ROLE meltano IN SCHEMA analytics GRANT SELECT ON TABLES  TO "express-api";


--
-- PostgreSQL database dump complete
--

\unrestrict fxdMfWfCqFJLXfyvP5e2XNoNftjfVciwh5vTVuz9JpumjHX5UVjorHIbB3va4sT

