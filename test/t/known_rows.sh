#!/usr/bin/env bash
# Rows of a file that the table holds already are not staged: what a load does and counts is the same for all that. The
# oracle is a few lines of Perl that keep the table in memory.
. "$(dirname "$0")/../lib.sh"
new_database
for stream in number pair kinds; do mkdir -p "$BARO_DATA/$stream"; done
use_project <<'YML'
version: 1
name: known
roles: {loader: meltano}
taps:
  - name: tap
    streams:
      - {name: number, path: number, pattern: .*\.csv, key_properties: [id]}
      - {name: pair, path: pair, pattern: .*\.csv, key_properties: [place, code], columns: [{name: v, type: text}]}
      - {name: kinds, path: kinds, pattern: .*\.csv, key_properties: [day, mark], columns: [{name: day, type: date}, {name: mark, type: uuid}, {name: v, type: text}]}
YML
# oracle STREAM SEED ORDER: writes the next file of the stream, and what is to be after it: the counts, and all rows. ORDER:
# "ascends", "late" (but for some records at its end) or "any".
oracle() {
    perl - "$1" "$2" "$3" "$BARO_DATA/$1/a.csv" "$BARO_DATA/$1.rows" <<'PERL'
my ($stream, $seed, $order, $file, $rows) = @ARGV;
srand $seed;
my %table;
if (open my $in, '<', $rows) { while (<$in>) { chomp; my ($key, $value) = split /;/, $_, 2; $table{$key} = $value } }
sub key { my $n = shift; $stream eq 'number' ? $n : $stream eq 'pair' ? 'p' . $n % 7 . ',é' . $n : sprintf '2024-01-%02d,%08d-0000-4000-8000-000000000000', 1 + $n % 28, $n }
sub value { my $n = int rand 4; join ',', $n ? 'v' . int rand 3 : '', $n == 1 ? '' : $n * 8, $n == 2 && rand() < .1 ? join '', map { chr 97 + rand 26 } 1 .. 3000 : 'x' }
my @records;
for my $n (1 .. 600) {
    next if rand() < .1;
    my $key = key($n);
    push @records, [$key, exists $table{$key} && rand() < .9 ? $table{$key} : value()];
}
my @again = map { $_->[1] = value() if rand() < .5; $_ } map { [@{ $records[rand @records] }] } 1 .. 40;
push @records, @again if $order ne 'ascends';
if ($order eq 'any') { for my $i (reverse 1 .. $#records) { my $j = int rand $i + 1; @records[$i, $j] = @records[$j, $i] } }
open my $out, '>', $file;
my %header = (number => 'id', pair => 'place,code', kinds => 'day,mark');
print $out "$header{$stream},v,n,long\n";
my (%last, %was);
$was{$_} = $table{$_} for keys %table;
for (@records) { print $out "$_->[0],$_->[1]\n"; $last{ $_->[0] } = $_->[1] }
my ($inserted, $updated, $unchanged) = (0, 0, 0);
for (keys %last) { !exists $was{$_} ? $inserted++ : $was{$_} eq $last{$_} ? $unchanged++ : $updated++; $table{$_} = $last{$_} }
print join '|', scalar @records, $inserted, $updated, $unchanged, @records - keys %last;
open my $keep, '>', $rows;
print $keep "$_;$table{$_}\n" for sort keys %table;
PERL
}
declare -A key=([number]=id [pair]='place, code' [kinds]='day, mark')
loads() { # STREAM SEED ORDER
    local counts
    counts=$(oracle "$@")
    touch -d "2024-01-01 00:00:$2" "$BARO_DATA/$1/a.csv"
    sql "SELECT * FROM baro_run('tap.$1')" >/dev/null
    is "$1, $3: what was done is counted" "$(sql "SELECT concat_ws('|', records, inserted, updated, unchanged, superseded) FROM barometre.step WHERE name = 'tap.$1' ORDER BY run DESC LIMIT 1")" "$counts"
    is "$1, $3: its rows" "$(sql "SELECT concat_ws(',', ${key[$1]}) || ';' || concat_ws(',', coalesce(v, ''), coalesce(n::text, ''), long) FROM tap.$1" | LC_ALL=C sort | md5sum)" \
        "$(LC_ALL=C sort "$BARO_DATA/$1.rows" | md5sum)"
}
second=10
for stream in number pair kinds; do
    for order in any ascends any late any; do loads $stream $((second += 1)) $order; done
done
# Each row tells the line of the record that gave it its values.
is "lineage" "$(sql "SELECT count(*) FROM tap.pair WHERE _baro_line IS NULL OR _baro_file IS NULL")" 0

# --- What is appended is not compared by hashes of the whole table ---
role=postgres sql "VACUUM FULL tap.pair" >/dev/null # no larger than four times its file
printf 'p1,appended,v1,8,x\n' >>"$BARO_DATA/pair/a.csv"
is "a record is appended, and the table is not read for it" "$(sql "BEGIN; SELECT sum(inserted) FROM baro_run('tap.pair'); SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relid = 'tap.pair'::regclass; COMMIT" | tr '\n' ' ')" "1 0 "

# --- The fault that this was found by ---
printf 'id,v,n,long\n1,a,1,x\n2,b,1,x\n3,c,1,x\n' >"$BARO_DATA/number/a.csv"
sql "SELECT * FROM baro_run('tap.number', full_refresh => true)" >/dev/null
printf 'id,v,n,long\n1,a,1,x\n2,b,1,x\n3,c,1,x\n4,d,1,x\n3,z,1,x\n2,b,1,x\n2,y,1,x\n2,b,1,x\n' >"$BARO_DATA/number/a.csv.new"; mv "$BARO_DATA/number/a.csv.new" "$BARO_DATA/number/a.csv"
sed -i 's/^1,a,1,x$/1,a,1,y/' "$BARO_DATA/number/a.csv"
sql "SELECT * FROM baro_run('tap.number')" >/dev/null
is "records of a key that came again were counted as unchanged" "$(sql "SELECT concat_ws('|', records, inserted, updated, unchanged, superseded) FROM barometre.step WHERE name = 'tap.number' ORDER BY run DESC LIMIT 1")" "8|1|2|1|4"
finish
