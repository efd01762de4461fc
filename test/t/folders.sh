#!/usr/bin/env bash
# Out of the data directory and the project's folder nothing is read, whatever is put there and whenever.
. "$(dirname "$0")/../lib.sh"
new_database
outside=$(mktemp -d)
stop=$outside/stop
trap 'touch "$stop"; wait; rm -rf "$outside"' EXIT
chmod 755 "$outside"
mkdir -p "$BARO_DATA/in" "$outside/in"
printf 'id,v\n1,inside\n' >"$BARO_DATA/in/a.csv"
printf 'id,v\n2,outside\n' >"$outside/in/a.csv"
config() { use_project <<YML
version: 1
name: folders
roles: {loader: ${loader:-meltano}}
taps:
  - name: tap
    streams: [{name: s, path: ${1:-in}, pattern: '${2:-.*\.csv}', key_properties: [id]}]
jobs:
  - {name: nightly, steps: [{sql: select 1}, {seed: '*'}, {transform: '*'}]}
YML
}
config
super() { role=postgres sql "$1"; }
# A call that must not hang.
soon_sql() { timeout 20 psql -X -q -At -d "$db" -U "${role:-meltano}" -c "$1" 2>&1 || { [ $? != 124 ] || echo "it hangs"; }; }
load="SELECT inserted FROM baro_run('tap')"
is "what lies inside is loaded" "$(sql "$load")" 1

# --- A race: the folder is exchanged with a link that leads out, all the time ---
# Each stays for a while, so that all of a load may fall into it; the other files make the time long between finding the folder and its file.
exchange() { perl -e '
    my ($here, $link, $spare, $stop) = @ARGV;
    until (-e $stop) {
        rename($here, $spare); rename($link, $here); select(undef, undef, undef, rand(0.03));
        rename($here, $link); rename($spare, $here); select(undef, undef, undef, rand(0.03));
    }' "$@"; }
(cd "$BARO_DATA/in" && seq -f 0%g 4000 | xargs touch)
ln -s "$outside/in" "$BARO_DATA/link"
exchange "$BARO_DATA/in" "$BARO_DATA/link" "$BARO_DATA/spare" "$stop" & racer=$!
counts=$(sql "
SET client_min_messages = error;
CREATE TABLE public.race (loaded int, refused int, wrong text);
DO \$\$
DECLARE loaded int := 0; refused int := 0; wrong text := ''; ends timestamptz := clock_timestamp() + interval '7 s';
BEGIN
    WHILE clock_timestamp() < ends LOOP
        BEGIN
            PERFORM baro_run('tap', full_refresh => random() < 0.5);
            loaded := loaded + 1;
            IF EXISTS (SELECT FROM tap.s WHERE v <> 'inside') THEN wrong := wrong || ' a row from outside'; END IF;
        EXCEPTION WHEN SQLSTATE 'BM005' THEN
            refused := refused + 1;
            PERFORM pg_sleep(0.05); -- each failure needs a worker that remembers it
            IF SQLERRM !~ 'lies outside barometre.data_directory|No such file|was replaced while' THEN wrong := wrong || SQLERRM; END IF;
        END;
    END LOOP;
    INSERT INTO public.race (loaded, refused, wrong) VALUES (loaded, refused, wrong);
END \$\$;
SELECT loaded > 0, refused > 0, wrong FROM public.race")
touch "$stop"; wait $racer; rm "$stop" "$BARO_DATA/link" "$BARO_DATA/in/0"*
is "a folder that is exchanged while files are loaded: nothing from outside" "$counts" "t|t|"
is "and nothing is there" "$(sql "SELECT string_agg(v, ' ') FROM tap.s")" inside

# --- What is exchanged between listing and opening ---
use_points
said=$BARO_DATA/said
begin() {
    stop_at "$1"
    PGOPTIONS=-cclient_min_messages=warning timeout 60 psql -X -q -At -d "$db" -U meltano -c "$2" >"$said" 2>&1 & call=$!
    at_point "$1"
}
end() { go_on "$1"; wait $call; words=$(cat "$said"); }
printf 'id,v\n3,inside\n' >"$BARO_DATA/in/b.csv"; printf 'id,v\n3,outsid\n' >"$outside/in/b.csv"
begin load.discovered "$load"
mv "$BARO_DATA/in" "$BARO_DATA/away"; ln -s "$outside/in" "$BARO_DATA/in"
end load.discovered
like "a folder that became a link after it was listed" "$words" 'file "in/b.csv" was replaced while it was being opened'
rm "$BARO_DATA/in"; mv "$BARO_DATA/away" "$BARO_DATA/in"
for what in "ln -s $outside/in/b.csv" mkfifo mkdir; do
    begin load.discovered "$load"
    mv "$BARO_DATA/in/b.csv" "$BARO_DATA/b"; $what "$BARO_DATA/in/b.csv"
    end load.discovered
    like "a file that became something else ($what)" "$words" 'file "in/b.csv" was replaced while it was being opened'
    rm -r "$BARO_DATA/in/b.csv"; mv "$BARO_DATA/b" "$BARO_DATA/in/b.csv"
done
is "then it is loaded" "$(sql "$load")" 1

# --- What a folder of data may hold ---
mkdir -p "$BARO_DATA/odd" "$BARO_DATA/real"
printf 'id,v\n5,linked\n' >"$BARO_DATA/real/c"
config odd
odd() { # NAME PATTERN: what is said of odd/x.csv, which then goes
    like "$1" "$(soon_sql "$load")" "$2"
    rm -rf "$BARO_DATA/odd" && mkdir "$BARO_DATA/odd"
}
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("$ARGV[0]/odd/x.csv")) or die $!' "$BARO_DATA"
odd "a socket" '/odd/x.csv" is a socket, not a regular file'
mkfifo "$BARO_DATA/real/pipe"; ln -s ../real/pipe "$BARO_DATA/odd/x.csv"
odd "a link to a named pipe" '/odd/x.csv" is a named pipe, not a regular file'
ln -s /dev/zero "$BARO_DATA/odd/x.csv"
odd "a link to a device" '/odd/x.csv" lies outside barometre.data_directory'
ln -s x.csv "$BARO_DATA/odd/x.csv"
odd "a link to itself" '/odd/x.csv": Too many levels of symbolic links'
ln -s nowhere "$BARO_DATA/odd/x.csv"
odd "a link to nothing" '/odd/x.csv": No such file or directory'
config odd
ln -s "$BARO_DATA/real/c" "$BARO_DATA/odd/x.csv"; ln -s ../real/../odd/x.csv "$BARO_DATA/odd/y.csv"
is "links that stay inside are followed" "$(sql "$load"; sql "SELECT string_agg(v, ' ' ORDER BY id) FROM tap.s")" "1
inside inside linked"
rm -rf "$BARO_DATA/odd"; ln -s real "$BARO_DATA/odd"; config odd c
is "of folders too" "$(sql "SELECT files FROM baro_run('tap')")" 1
rm "$BARO_DATA/odd"; ln -s odd "$BARO_DATA/odd"
like "a folder that is a link to itself" "$(sql "$load")" 'folder ".*/odd": Too many levels of symbolic links'
rm "$BARO_DATA/odd"; mkfifo "$BARO_DATA/odd"
like "a folder that is a named pipe" "$(soon_sql "$load")" '/odd" is not a folder'
rm "$BARO_DATA/odd"; ln -s "$outside/in" "$BARO_DATA/odd"
like "a folder that leads out" "$(sql "$load")" 'folder ".*/odd" lies outside barometre.data_directory'
rm "$BARO_DATA/odd"
config in '../.*'
like "a pattern that leads out" "$(sql "$load")" 'barometre.yml:6: key "pattern" can.t lead to another folder'

config '"..\0/x"'
like "a path that the system would cut" "$(sql "$load")" 'could not list folder|there is a NUL byte in the path'

# --- Files of the project ---
config
echo "select 1 as one" >"$project/models/m.sql"
echo "select 'outside' as one" >"$outside/m.sql"
printf 'a\noutside\n' >"$outside/s.csv"
ls="SELECT count(*) FROM baro_ls()"
is "a project" "$(sql "$ls")" 2
problems() { sql "SELECT concat_ws(':', file, line, message) FROM barometre_internal.problem"; }
for file in barometre.yml models/x.sql models/x.yml seeds/x.csv tests/x.sql functions/x.sql macros/x.sql snapshots/x.sql; do
    mkdir -p "$project/${file%/*}" 2>/dev/null
    [ $file != barometre.yml ] || mv "$project/$file" "$BARO_DATA/kept"
    mkfifo "$project/$file"
    like "a named pipe as $file" "$(soon_sql "$ls"; problems)" "\"$file\" of the project is a named pipe, not a regular file"
    rm "$project/$file"; ln -s "$outside/m.sql" "$project/$file"
    like "a link that leads out as $file" "$(soon_sql "$ls"; problems)" "\"$file\" lies outside the project"
    rm "$project/$file"
    [ $file != barometre.yml ] || mv "$BARO_DATA/kept" "$project/$file"
done
for file in models/x.sql models/x.yml functions/x.sql; do
    printf "\nselect 'caf\xe9'" >"$project/$file"
    like "a text of another encoding was taken as it is: $file" "$(sql "$ls"; problems)" "^$file:2:byte 0xe9 is not UTF-8"
    rm "$project/$file"
done
latin=$BARO_DATA/$(printf 'caf\xe9'); mkdir "$latin"; cp "$project/barometre.yml" "$latin"; ln -s "$latin" "$BARO_DATA/plain"
like "a project's folder, too, behind a link" "$(role=postgres sql "SELECT * FROM baro_load_project('$BARO_DATA/plain')")" 'path of the project folder is not in UTF-8'
rm -r "$BARO_DATA/plain" "$latin"
ln -s "$outside" "$project/models/sub"
is "a folder that is a link is not looked into" "$(sql "$ls")" 2
rm "$project/models/sub"
cp "$project/barometre.yml" "$BARO_DATA/kept"
truncate -s 10G "$project/barometre.yml"
like "a file of ten gigabytes" "$(soon_sql "$ls")" 'barometre.yml: the file is larger than 1 MiB'
mv "$BARO_DATA/kept" "$project/barometre.yml"

# --- Seeds: in the project, and below the data directory ---
seed="SELECT seed, state FROM baro_seed()"
mkdir -p "$project/lib"; printf 'a\n1\n' >"$project/lib/s.csv"
ln -s ../lib/s.csv "$project/seeds/s.csv"
is "a seed that is a link in the project" "$(sql "$seed")" "s|loaded"
printf 'a\n2\n' >"$project/lib/s.csv"
begin transform.selected "CALL baro_transform('s')"
ln -sfn "$outside/s.csv" "$project/seeds/s.csv"
end transform.selected
like "that leads out since the project was read" "$words" 'seeds/s.csv" lies outside the project'
is "is not loaded" "$(sql "SELECT a FROM analytics.s")" 1
rm "$project/seeds/s.csv"
sed -i '/^jobs/i seeds: [{name: d}]' "$project/barometre.yml"
is "a seed may be nowhere" "$(sql "$seed" | tail -n 1)" "d|missing"
mkdir -p "$BARO_DATA/seeds"; printf 'a\n3\n' >"$BARO_DATA/seeds/d.csv"
is "or below the data directory" "$(sql "$seed")" "d|loaded"
for what in mkfifo "ln -s $outside/s.csv" mkdir; do
    rm -r "$BARO_DATA/seeds/d.csv"; $what "$BARO_DATA/seeds/d.csv"
    like "but not there as something else ($what)" "$(soon_sql "$seed")" 'is a named pipe, not a regular|lies outside barometre.data_directory|is a folder, not a regular'
done
rm -r "$BARO_DATA/seeds"; ln -s "$outside" "$BARO_DATA/seeds"; cp "$outside/s.csv" "$outside/d.csv"
like "nor in a folder that leads out" "$(sql "$seed")" 'seeds" lies outside barometre.data_directory'
rm "$BARO_DATA/seeds"
is "nothing from outside is there" "$(sql "SELECT a FROM analytics.d")" 3

# --- A link to the release that is to be used ---
for release in 1 2; do
    project=$BARO_DATA/release$release
    config
    printf 'a\n%s\n' $release >"$project/seeds/of_seed.csv"
    echo "select a as seed, $release as model from {{ ref('of_seed') }}" >"$project/models/release.sql"
done
ln -s release1 "$BARO_DATA/current"
super "ALTER DATABASE $db SET barometre.project_directory = '$BARO_DATA/current'"
swap() { ln -sn "release$1" "$BARO_DATA/next"; mv -T "$BARO_DATA/next" "$BARO_DATA/current"; }
release="SELECT seed, model FROM analytics.release"
begin transform.selected "CALL baro_transform()"
swap 2
end transform.selected
is "a call goes on in the release that it began with" "$words$(sql "$release")" "1|1"
is "the next one has the next" "$(sql "CALL baro_transform()"; sql "$release")" "2|2"
begin job.step "CALL baro_job('nightly')"
swap 1
end job.step
is "a job is one call" "$words$(sql "$release")" "2|2"
swap 2; printf 'a\n4\n' >"$BARO_DATA/release2/seeds/of_seed.csv"
begin transform.selected "CALL baro_transform()"
mv "$BARO_DATA/release2" "$BARO_DATA/release0"; cp -r "$BARO_DATA/release1" "$BARO_DATA/release2"
end transform.selected
is "also when the folder itself is exchanged" "$words$(sql "$release")" "4|2"

# --- What was recorded by baro_load_project() ---
role=postgres sql "SELECT count(*) FROM baro_load_project('$BARO_DATA/release0')" >/dev/null
is "a folder that was recorded" "$(sql "$ls")" 3
mv "$BARO_DATA/release0" "$BARO_DATA/release3"; cp -r "$BARO_DATA/release1" "$outside/project"; ln -s "$outside/project" "$BARO_DATA/release0"
like "and became a link since" "$(sql "$ls")" 'project folder ".*/release0" leads elsewhere by a symbolic link'
like "with what to do" "$(sql "$ls")" "If that is right: SELECT \* FROM baro_load_project\('.*/release0'\)"
rm "$BARO_DATA/release0"
like "and is gone" "$(sql "$ls")" 'project folder ".*/release0": No such file or directory'
like "another one lies outside for who may not read everything" "$(sql "SELECT * FROM baro_load_project('$outside/project')")" 'lies outside barometre.project_directory'

# --- Who has pg_read_server_files may read everywhere, regular files ---
loader=baro_folders_reader project=$BARO_DATA/project
psql -X -q -d "$db" -U postgres -c "DROP ROLE IF EXISTS $loader" -c "CREATE ROLE $loader LOGIN IN ROLE pg_read_server_files" >/dev/null 2>&1
kept=(); new_database
psql -X -q -d "$db" -U postgres -c "GRANT CREATE ON DATABASE $db TO $loader"
rm -rf "$project"
config "$outside/in"
is "a folder outside" "$(super "SELECT files, inserted FROM baro_run('tap')")" "2|2"
is "whose files are named in full" "$(super "SELECT path FROM barometre.file ORDER BY 1 LIMIT 1")" "$outside/in/a.csv"
config in; rm "$BARO_DATA"/in/*; ln -s "$outside/s.csv" "$BARO_DATA/in/l.csv"; printf 'id,v\n9,outside\n' >"$outside/s.csv"
is "a link that leads out" "$(super "$load")" 1
mkfifo "$outside/pipe"; ln -sf "$outside/pipe" "$BARO_DATA/in/l.csv"
like "but no named pipe" "$(role=postgres soon_sql "$load")" '/l.csv" is a named pipe, not a regular file'
finish
