#!/usr/bin/env perl
# Which part of the source may know which, and a few rules of style that no compiler sees. Called by test/lint.sh: tells each
# violation as FILE:LINE, with what to do, and ends with 1 if there was one.
use strict;
use warnings;
use File::Find;

# Who may know whom: a room may include itself and those behind it. Within core/ the same.
my @rooms = qw(entry job page call tap model audit load run registry pg core);
my @core = qw(snapshot project jinja graph schedule csv singer json record bytes value name python sql file thread text);
my (%room, %core);
@room{@rooms} = 0 .. $#rooms;
@core{@core} = 0 .. $#core;
my %without_namespace = map { $_ => 1 } qw(entry/module.cpp pg/pg.h pg/compat.h core/csv/line_reader.h);
my $most_lines = 420;

my $bad = 0;
sub complain {
    my ($file, $line, $what) = @_;
    print "lint: src/$file:$line: $what\n";
    $bad = 1;
}

my %text;
find({no_chdir => 1, wanted => sub {
    return unless /^src\/(.*\.(?:cpp|h))$/;
    my $name = $1;
    open(my $in, '<', $_) or die "$_: $!";
    local $/;
    $text{$name} = <$in>;
}}, 'src');
sub line_of { my ($text, $at) = @_; return 1 + (substr($text, 0, $at) =~ tr/\n//); }
my %includes; # of a file: [what, line]
for my $file (keys %text) {
    push @{$includes{$file}}, [$1, line_of($text{$file}, $-[0])] while $text{$file} =~ /^#include "([^"]+)"/mg;
}

# The headers by which the server's names are seen: those of pg/ alone, but for entry.h, by which entry/ sees them.
my %sees = ('pg/pg.h' => 'the server\'s own');
for (my $before = 0; $before != keys %sees;) {
    $before = keys %sees;
    for my $file (grep { /^pg\/.*\.h$/ } keys %includes) {
        my ($by) = grep { $sees{$_->[0]} } @{$includes{$file}};
        $sees{$file} ||= $by->[0] if $by;
    }
}

for my $file (sort keys %text) {
    my $text = $text{$file};
    my ($room) = $file =~ /^([^\/]+)\//;
    my $part = $file =~ /^core\/([^\/]+)\// ? $1 : '';
    exists $room{$room} or complain($file, 1, "the room $room/ is in no list; add it to test/lint_source.pl and src/README.md, where its arrows allow it"), next;
    $part eq '' || exists $core{$part} or complain($file, 1, "core/$part is in no list; add it to test/lint_source.pl and src/README.md, where its arrows allow it"), next;

    for (@{$includes{$file} || []}) {
        my ($wanted, $line) = @$_;
        next if $wanted eq 'version.h' || $wanted eq 'page_shell.h'; # made by the Makefile
        my ($to) = split /\//, $wanted;
        if (!exists $room{$to}) {
            complain($file, $line, "\"$wanted\" is the server's, which only pg/ may include; give pg/ a function that does what is wanted") if $room ne 'pg';
        } elsif ($room{$to} < $room{$room}) {
            complain($file, $line, "$room/ may not know $to/; move what is shared to $room/ or further down, or what needs it up to $to/");
        } elsif ($part ne '' && $wanted =~ /^core\/([^\/]+)\// && ($core{$1} // -1) < $core{$part}) {
            complain($file, $line, "core/$part may not know core/$1; move what is shared down, or what needs it up");
        } elsif ($room ne 'pg' && $sees{$wanted} && !($room eq 'entry' && $wanted eq 'pg/entry.h' && $file =~ /\.cpp$/)) {
            complain($file, $line, "\"$wanted\" shows the server's names, which are for pg/ alone, by including $sees{$wanted}; include a header of pg/ that doesn't");
        }
    }

    my $lines = $text =~ tr/\n//;
    complain($file, $most_lines + 1, "the file has $lines lines; cut it into two that each have a subject") if $lines > $most_lines;
    for ([qr/\bPG_VERSION_NUM\b/, qr/^pg\/compat\.h$/, 'only pg/compat.h may ask for the server\'s version; give the difference a name there'],
         [qr/\bPG_(?:TRY|CATCH|FINALLY)\b/, qr/^pg\/guard\./, 'only pg/guard.h meets the server\'s errors; use pg::call'],
         [qr/\bpg_(?:try_)?advisory_(?:xact_)?lock/, qr/^pg\/point\./, 'anybody can take such a lock, and stand in the way for ever; use pg/locks.h'],
         [qr/\bstd::regex\b/, qr/^$/, 'std::regex is slow, and a long text overflows its stack; write the loop'],
         [qr/^using namespace\b/m, qr/^$/, 'a folder is compiled as one unit, and all of it would see these names; write them with their namespace']) {
        my ($what, $where, $do) = @$_;
        next if $file =~ $where;
        complain($file, line_of($text, $-[0]), $do) while $text =~ /$what/g;
    }

    my ($folder, $name) = $file =~ /^(?:core\/)?(?:(.*)\/)?([^\/]+)\.(?:cpp|h)$/;
    my $space = join('::', 'barometre', split(/\//, $folder // ''));
    $without_namespace{$file} || $text =~ /^namespace \Q$space\E(?:::(?:detail|\Q$name\E))? \{/m or
        complain($file, 1, "namespaces are folders: this file's is $space");
}

# Statements, in C++ and in sql/.
my %statements = map { ("src/$_" => $text{$_}) } grep { /\.cpp$/ } keys %text;
for my $file (glob('sql/[0-9]*.sql sql/upgrade/*.sql')) {
    open(my $in, '<', $file) or die "$file: $!";
    local $/;
    $statements{$file} = <$in>;
}
for my $file (sort keys %statements) {
    while ($statements{$file} =~ /\bINSERT INTO\s+[a-z_.]+(?:\s+AS\s+\w+)?["\s]+(?:VALUES|SELECT|DEFAULT|TABLE)\b/g) {
        print "lint: $file:" . line_of($statements{$file}, $-[0]) . ": name the columns after INSERT INTO, so that an upgrade can add one\n";
        $bad = 1;
    }
}
exit $bad;
