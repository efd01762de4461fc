-- The SQL functions of the default project: the examples of its documentation.
SELECT * FROM no_plan();
\set QUIET 1
SELECT count(*) FROM baro_load_project() \gset
CALL baro_transform('fra_iso_3166_2');

SELECT results_eq(
    $$ SELECT code, code_postal_to_iso(code) FROM (VALUES ('6600'), ('06600'), ('1500'), ('75016'), ('69300'), ('20200'),
        ('20137'), ('20090'), ('20000'), ('97233'), ('97150'), ('97500'), ('98000'), ('98800'), ('97'), ('2000'), ('2100'),
        ('2020'), ('9700'), (''), ('123'), ('2A004'), (NULL)) AS c (code) $$,
    $$ VALUES ('6600', 'FR-06'), ('06600', 'FR-06'), ('1500', 'FR-01'), ('75016', 'FR-75C'), ('69300', 'FR-HACK-RHONE'),
        ('20200', 'FR-2B'), ('20137', 'FR-2A'), ('20090', NULL), ('20000', NULL), ('97233', 'FR-972'), ('97150', 'FR-971'),
        ('97500', 'FR-PM'), ('98000', 'FR-980'), ('98800', 'FR-NC'), ('97', 'FR-HACK-97'), ('2000', NULL), ('2100', 'FR-02'),
        ('2020', 'FR-2B'), ('9700', 'FR-970'), ('', NULL), ('123', NULL), ('2A004', NULL), (NULL, NULL) $$,
    'postal codes');
SELECT is(dpt_code_to_iso('abc'), 'FR-abc', 'department codes are not checked');
SELECT is(dpt_code_to_iso(''), 'FR-', 'an empty department code');
SELECT is(dpt_code_to_iso(NULL::text), NULL, 'no department code');
SELECT is(dpt_code_to_iso(1), 'FR-01', 'a department number is padded');
SELECT is(dpt_code_to_iso(971), 'FR-971', 'three digits stay');
SELECT is(dpt_code_to_iso(75), 'FR-75C', 'special cases hold for numbers');
SELECT is(dpt_code_to_iso(1000), 'FR-###', 'four digits do not fit');
SELECT is(convert_to_integer(' 12 '), 12, 'white space around an integer');
SELECT is(convert_to_integer('012'), 12, 'a leading zero');
SELECT is(convert_to_integer('-3'), -3, 'a sign');
SELECT is(convert_to_integer(v), NULL, format('%L is no integer', v))
FROM (VALUES ('2a'), (''), ('12.0'), ('99999999999'), (NULL), ('2147483648')) AS c (v);
SELECT is(convert_to_integer('-2147483648'), -2147483648, 'the smallest integer');
SELECT is(date_to_month_str('2022-05-31'), '2022-05', 'a month as text');
SELECT ok(random_truncnormal(0, 1, 10) BETWEEN 0 AND 1, 'a truncated draw stays in its bounds') FROM generate_series(1, 20);
SELECT ok(random_lognormal() > 0, 'a lognormal draw is positive');
SELECT volatility_is('public', 'date_to_month_str', ARRAY['date'], 'stable', 'to_char makes a function stable');
SELECT volatility_is('public', 'random_normal', ARRAY['double precision', 'double precision'], 'volatile', 'draws are volatile');
SELECT is((SELECT count(*) FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
           JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'barometre'
           WHERE has_function_privilege('public', p.oid, 'EXECUTE') AND p.proname NOT IN ('baro_stamp', 'baro_help', 'next_due', 'latest_due', 'duration', 'fold', 'clock', 'changes', 'is_running', 'sees_values', 'type_words', 'without_values', 'reason_without_values', 'masked_sql', 'step_name', 'told', 'warned')), 0::bigint, 'EXECUTE is revoked from PUBLIC');
SELECT * FROM finish();
