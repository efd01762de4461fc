#!/usr/bin/env perl
# links.pl PAGE...: prints each link of these pages to a file, or to a heading of a page, that is not there. A heading is called as GitHub calls it:
# in lower case, with - for blanks, and without what is neither letter, digit, - nor _; the second of one name has -1 behind it.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use File::Basename qw(dirname);

my %anchors;
sub lines_of { my ($file) = @_; open my $in, '<', $file or die "$file: $!\n"; return <$in>; }
sub anchors {
    my ($file) = @_;
    return $anchors{$file} if $anchors{$file};
    my ($fenced, %seen);
    for my $line (lines_of($file)) {
        $fenced = !$fenced if $line =~ /^\s*```/;
        next if $fenced || $line !~ /^#+ (.*)/;
        my $name = lc($1) =~ s/[^\w\- ]//gr =~ s/ /-/gr;
        my $before = $seen{$name}++;
        $anchors{$file}{$before ? "$name-$before" : $name} = 1;
    }
    return $anchors{$file};
}

for my $page (@ARGV) {
    my @lines = lines_of($page);
    for my $i (0 .. $#lines) {
        # A link's text may be on two lines.
        while ($lines[$i] =~ /\]\(([^()\s]+)\)/g) {
            my ($file, $anchor) = $1 =~ /^([^#]*)#?(.*)$/;
            next if $file =~ /^[a-z]+:/;
            my $target = $file eq '' ? $page : dirname($page) . "/$file";
            1 while $target =~ s{(^|/)(?!\.\./)[^/]+/\.\./}{$1};
            if (!-e $target) { print "$page:" . ($i + 1) . ": there is no $file\n"; }
            elsif ($anchor ne '' && !anchors($target)->{$anchor}) { print "$page:" . ($i + 1) . ": no heading of $target is called #$anchor\n"; }
        }
    }
}
