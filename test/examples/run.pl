#!/usr/bin/env perl
# run.pl FOLDER CRON PAGE: runs the examples of a page of the documentation in a database "mydb" of its own, in their order, and prints for
# each "ok" or "not ok", its place, and what was wrong. FOLDER is empty, and stands for the root: /srv/x of the page is FOLDER/srv/x. CRON is 1
# if the server has pg_cron in that database: examples that need it are passed over else, and others then.
#
# What an example is, its fence and its text say:
#   sql    run, as the superuser if it does what only that one may, else as the loader. With braces of a template: a file of the project
#   yaml   barometre.yml, if it has a version; else it is laid over it by its uppermost keys. What is not of the uppermost level is laid around
#          with a tap, a stream or a model; what describes models is a properties file. All is built and tested with it
#   sh     run. A script (#!) is only looked at for its syntax
#   none, csv, json, jsonl    no example (test/t/formats_doc.sh runs some)
# Inline code of a SELECT or CALL with its semicolon is run, too, after all others. Indented code may be neither SQL nor YAML: its language is not said.
#
# Before a fence "<!-- test: WORDS -->" may say, parted by commas:
#   a path             the example is this file, of the project unless it begins with /, and stays
#   needs pg_cron      see above
#   at the end         run after all others
#   another server     not run
#
# The database is empty, and so is the folder, where the page makes the extension itself; else the folder has what lies in common/, and over it
# what lies in a folder of the page's name, and all is loaded and built as the loader.
use strict;
use warnings;
use File::Basename qw(dirname basename);
use File::Path qw(make_path);

my ($folder, $cron, $page) = @ARGV;
my $here = dirname(__FILE__);
my $name = basename($page) =~ s/(\.fr)?\.md$//r;
my @examples;

sub slurp { my ($file) = @_; open my $in, '<', $file or die "$file: $!\n"; local $/; my $text = <$in>; return $text; }
sub spew { my ($file, $text) = @_; make_path(dirname($file)); open my $out, '>', $file or die "$file: $!\n"; print $out $text; close $out; }
sub at_home { my ($text) = @_; return $text =~ s{(?<![\w/])/(srv|home)/}{$folder/$1/}gr; }

# The examples of the page, with the lines where their texts begin.
my @lines = split /\n/, slurp($page), -1;
my ($fence, $marked, @inline) = (undef, '');
for my $i (0 .. $#lines) {
    my $line = $lines[$i];
    if (defined $fence) {
        if ($line =~ /^\s*```\s*$/) { push @examples, $fence; undef $fence; next; }
        $fence->{text} .= ($line =~ s/^$fence->{indent}//r) . "\n";
    } elsif ($line =~ /^(\s*)```(\w*)\s*$/) {
        $fence = {indent => $1, kind => $2, line => $i + 1, text => '', marked => $marked};
        $marked = '';
    } elsif ($line =~ /^\s*<!-- test: (.*?) -->$/) {
        $marked = $1;
    } else {
        push @examples, {line => $i + 1, kind => 'unsaid', text => $line, marked => ''}
            if $line =~ /^ {4,}(SELECT|CALL|CREATE|ALTER|GRANT|INSERT|\{%|- \{?name:|[a-z_]+:( \{.*\}?)?$)/ && $i > 0 && $lines[$i - 1] =~ /^\s*$/;
        push @inline, {line => $i + 1, kind => 'sql', text => "$1\n", marked => ''} while $line =~ /`((?:SELECT|CALL) [^`]*;)`/g;
    }
}

print "not ok $page:$fence->{line} a fence without its end\n" if defined $fence;
exit 0 unless @examples || @inline;
my $alone = grep { $_->{kind} eq 'sql' && $_->{text} =~ /CREATE EXTENSION barometre;/ } @examples;

# What the psql script of the page does, step by step; $project is where the project lies by then.
my ($script, $project, $database, $number) = ('', "$folder/srv/project", 'mydb', 0);
sub begin { my ($example) = @_; $script .= "\\echo '\@\@ $example->{line} $example->{kind}'\n"; }
sub connect_as { my ($role) = @_; $script .= "\\c $database $role\n"; }
sub file { my ($text) = @_; my $file = "$folder/parts/" . ++$number; spew($file, at_home($text)); return $file; }
sub shell { my ($command) = @_; $script .= "\\! $command || echo 'ERROR:  the shell'\n"; }
sub place { my ($file, $text) = @_; shell("mkdir -p " . dirname($file) . " && cp " . file($text) . " $file"); }
sub look {
    connect_as($alone ? 'postgres' : 'loader');
    $script .= "SELECT * FROM baro_load_project();\n"
        . "SELECT 'ERROR:  ' || concat_ws(' ', file, line, name, message) FROM barometre_internal.problem;\n"
        . "CALL baro_transform();\n"
        . "SELECT concat_ws(' ', 'ERROR:  not built:', name, reason) FROM baro_ls() WHERE kind IN ('model', 'snapshot') AND state IN ('new', 'blocked');\n"
        . "SELECT concat_ws(' ', 'ERROR:  a test fails:', target, test, status) FROM baro_test() WHERE status IN ('fail', 'error');\n";
}

my @top = (); # the uppermost keys of barometre.yml, in their order, with their texts
sub lay_over {
    my ($text) = @_;
    for my $part ($text =~ /^(?:#.*\n)*[a-z_]+:.*\n(?:[ #-].*\n|\n)*/mg) {
        my ($key) = $part =~ /^([a-z_]+):/m;
        @top = grep { $_->[0] ne $key } @top;
        push @top, [$key, $part];
    }
}
sub all_top { return join '', map { $_->[1] } @top; }
sub shifted { my ($by, $text) = @_; return $text =~ s/^(?=.)/' ' x $by/megr; }

# The same with these taps beside its own, and then as it was.
sub with_taps {
    my ($taps) = @_;
    my @before = @top;
    my ($own) = map { $_->[1] } grep { $_->[0] eq 'taps' } @top;
    lay_over(($own // "taps:\n") . $taps);
    place("$project/barometre.yml", all_top());
    look();
    @top = @before;
    place("$project/barometre.yml", all_top());
}
my $stream = "      - name: example\n        path: example\n        pattern: .*\n";

sub yaml {
    my ($example) = @_;
    my $text = $example->{text};
    my ($first) = $text =~ /^([^#\s].*)/m;
    if ($text =~ /^version:/m) {
        @top = ();
        lay_over($text);
        place("$project/barometre.yml", all_top());
        look();
    } elsif ($first =~ /^- / && $text =~ /streams:/) {
        with_taps(shifted(2, $text));
    } elsif ($first =~ /^- /) {
        with_taps("  - name: example\n    streams:\n" . shifted(6, $text));
    } elsif ($first =~ /^streams:/) {
        with_taps("  - name: example\n" . shifted(4, $text));
    } elsif ($first =~ /^(map|freshness|contract):/) {
        with_taps("  - name: example\n    streams:\n$stream" . shifted(8, $text));
    } elsif ($text =~ /^(models|sources|snapshots|seeds|unit_tests):\n  - /m || $first =~ /^columns:/) {
        $text = "models:\n  - name: orders\n" . shifted(4, $text) if $first =~ /^columns:/;
        place("$project/models/example.yml", $text);
        look();
        shell("rm $project/models/example.yml");
    } else {
        lay_over($text);
        place("$project/barometre.yml", all_top());
        look();
    }
}

sub sql {
    my ($example) = @_;
    my $text = $example->{text};
    connect_as($text =~ /\b(EXTENSION|DATABASE|ROLE [a-z]+ LOGIN|SERVER|baro_grant|TRIGGER)\b/ ? 'postgres' : 'loader');
    $script .= at_home($text);
    $database = $1 while $text =~ /^\\c (\w+)$/mg;
    $project = at_home($1) while $text =~ /barometre\.project_directory = '([^']*)'/g;
}

sub run {
    my ($example) = @_;
    my %said = map { $_ => 1 } split /,\s*/, $example->{marked};
    my $needs_cron = delete $said{'needs pg_cron'} || $example->{text} =~ /baro_(un)?schedule\(|pg_cron|cron\./;
    delete $said{'at the end'};
    return print "skip $page:$example->{line} another server\n" if delete $said{'another server'};
    my ($path) = grep { /\.(sql|yml)$/ } keys %said;
    delete $said{$path} if defined $path;
    return print "not ok $page:$example->{line} what is said to the test is not known: $example->{marked}\n" if %said;
    return print "skip $page:$example->{line} needs pg_cron\n" if $needs_cron && $example->{kind} eq 'sql' && !$cron;
    if ($example->{kind} eq 'unsaid') {
        return print "not ok $page:$example->{line} code without a language: give it a fence with sql or yaml: $example->{text}\n";
    }
    return if $example->{kind} =~ /^(csv|json|jsonl)$/;
    if ($example->{kind} eq '') {
        return unless $example->{text} =~ /^(SELECT|CALL|CREATE|ALTER|- \{?name:|version:|models:)/m;
        return print "not ok $page:$example->{line} a fence without its language\n";
    }
    begin($example);
    if ($needs_cron && $example->{text} !~ /CREATE EXTENSION pg_cron/) {
        connect_as('postgres');
        $script .= "CREATE EXTENSION IF NOT EXISTS pg_cron;\nSELECT * FROM baro_grant();\n";
    }
    if (defined $path) {
        my $file = $path =~ m{^/} ? at_home($path) : "$project/$path";
        $project = dirname($file) if $file =~ /barometre\.yml$/;
        place($file, $example->{text});
        connect_as('postgres');
        $script .= "ALTER DATABASE $database SET barometre.project_directory = '$project';\n\\c\nSELECT * FROM baro_grant();\n";
        look();
    } elsif ($example->{text} =~ /\{[{%]/ && $example->{kind} eq 'sql' && $example->{text} !~ /\$\$/) {
        print "not ok $page:$example->{line} which file this template is, nothing says\n";
    } elsif ($example->{kind} eq 'sql') { sql($example) }
    elsif ($example->{kind} eq 'yaml') { yaml($example) }
    elsif ($example->{kind} eq 'sh') {
        my $file = file($example->{text});
        if ($example->{text} =~ /^#!.*\b(bash|sh)$/m) { shell("$1 -n $file"); }
        else {
            spew("$file.sh", "cd $folder/srv\nsudo() { \"\$\@\"; }\nexport PGDATABASE=$database PGUSER=loader\n. $file\n");
            shell("sh -eu $file.sh");
        }
        # From then on this is the project's file.
        if ($example->{text} =~ m{^cat > (\S*/barometre\.yml) <<'EOF'\n(.*?)^EOF$}ms) { @top = (); lay_over($2); }
    } else {
        print "not ok $page:$example->{line} what is $example->{kind}?\n";
    }
}

system('cp', '-r', "$here/common/.", $folder) == 0 or die unless $alone;
system('cp', '-r', "$here/$name/.", $folder) == 0 or die if -d "$here/$name";
make_path("$folder/srv", "$folder/home/ann");
symlink "$folder/srv/project", "$folder/home/ann/shop";
lay_over(slurp("$project/barometre.yml")) if -f "$project/barometre.yml";
$script .= "\\set QUIET on\n\\pset pager off\n\\pset tuples_only on\n\\pset format unaligned\n\\echo '\@\@ 0 what comes before'\nSET client_min_messages = error;\n"
    . "DROP DATABASE IF EXISTS mydb_ann WITH (FORCE);\nDROP DATABASE IF EXISTS mydb WITH (FORCE);\nDROP ROLE IF EXISTS loader, api, dashboard, accounting;\n"
    . "CREATE DATABASE mydb TEMPLATE " . ($alone ? 'template0' : 'baro_template') . ";\n\\c mydb postgres\n";
$script .= "\\i $folder/setup.sql\n" if -f "$folder/setup.sql";
unless ($alone) {
    $script .= "ALTER DATABASE mydb SET barometre.project_directory = '$project';\nALTER DATABASE mydb SET barometre.data_directory = '$folder/srv/exports';\n\\c\n"
        . "SELECT * FROM baro_grant();\n";
    connect_as('loader');
    $script .= "SELECT * FROM baro_run();\nSELECT * FROM baro_seed();\n";
    look();
}
run($_) for (grep { $_->{marked} !~ /at the end/ } @examples), (grep { $_->{marked} =~ /at the end/ } @examples), @inline;

spew("$folder/script", "$script\\echo '\@\@ end'\n");
$ENV{PGOPTIONS} = '-c client_min_messages=warning';
open my $psql, '-|', "psql -X -d postgres -f '$folder/script' 2>&1" or die "psql: $!\n";
my ($place, $wrong, $ended);
sub end_of { print $wrong eq '' ? "ok $place\n" : "not ok $place $wrong\n" if defined $place; }
while (my $line = <$psql>) {
    $ended = 1, last if $line =~ /^\@\@ end/;
    if ($line =~ /^\@\@ (\d+) (.*)/) { end_of(); ($place, $wrong) = ("$page:$1 $2", ''); next; }
    $wrong .= ($wrong eq '' ? '' : '; ') . $1 if $line =~ /^(?:psql:\S+ )?((?:ERROR|FATAL|invalid command|\\\w+:|psql: error).*)/;
    $wrong .= " $1" if $wrong ne '' && $line =~ /^((?:DETAIL|HINT|LINE \d+): .*)/;
}
end_of();
print "not ok $page psql ended before the page did\n" unless $ended;
