# Records of eight columns, and what compares their tables; sourced by the parts that make files of them.
# eight TYPE: the query of them, with times of that type
eight() {
    local words="(ARRAY['gendarmerie','brigade','unité','compagnie','région','département'])"
    echo "SELECT i AS id, $words[1 + i % 6] || ' ' || i % 977 AS name, 'ville-' || i % 3001 AS city, 'n' || i % 17 AS note,
        $1 '2023-01-01' + i * interval '13 seconds' AS created, $1 '2024-01-01' + i * interval '7 seconds' AS updated,
        i % 1000 AS amount, round(i % 8000 / 8.0, 3) AS score FROM generate_series(1, $records) i"
}
names="id, name, city, note, created, updated, amount, score"
forget() { sql -c "DROP SCHEMA IF EXISTS $1 CASCADE; DELETE FROM barometre.file WHERE tap = '$1'; DELETE FROM barometre.bookmark WHERE tap = '$1'"; }
same() { # TABLE TABLE: the same rows?
    local hash="count(*), sum(hashtextextended(ROW($names)::text, 0)::numeric)"
    [ "$(sql -c "SELECT $hash FROM $1")" = "$(sql -c "SELECT $hash FROM $2")" ] || { echo "$1 and $2 do not hold the same rows" >&2; exit 1; }
}
