#!/usr/bin/env perl
# same.pl PAGE TRANSLATION: whether a translation has what its page has: the headings by their levels, the rows of tables, the items of lists, the
# paragraphs between them, what each of those has as code, in any order, and the blocks of code, which are the same but for their comments. Prints
# where they part, and nothing if they don't.
use strict;
use warnings;

# What a page consists of, piece by piece: a text that is the same in any language, the line where it stands, and what is written there.
sub pieces {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    my (@pieces, $indent, $in_text);
    while (my $line = <$in>) {
        chomp $line;
        if (defined $indent) {
            if ($line =~ /^\s*```\s*$/) { undef $indent; next; }
            $line =~ s/^$indent//;
            $line =~ s/(^|\s)(--|#)\s.*//;
            push @pieces, [$line =~ s/\s+$//r, $.];
        } elsif ($line =~ /^(\s*)(```.*|<!-- test: .*)/) {
            $indent = $1 if substr($2, 0, 3) eq '```';
            $in_text = 0;
            push @pieces, [$2, $.];
        } elsif ($line =~ /^(#+) /) {
            $in_text = 0;
            push @pieces, ["a heading $1", $., $line];
        } elsif ($line =~ /^\s*\|/) {
            $in_text = 0;
            push @pieces, ['a row of ' . (() = $line =~ /(?<!\\)\|/g) . ' bars', $., $line];
        } elsif ($line =~ /^\s*(-|\d+\.) /) {
            $in_text = 1;
            push @pieces, ["an item $1", $., $line];
        } elsif ($line =~ /^\s*$/) {
            $in_text = 0;
        } elsif ($in_text) {
            $pieces[-1][2] .= "\n$line";
        } else {
            $in_text = 1;
            push @pieces, ['a paragraph', $., $line];
        }
    }
    for my $piece (@pieces) {
        my $text = $piece->[2] // next;
        $piece->[0] .= join '', map { "\n  $_" } sort map { s/\s+/ /gr } $text =~ /(`[^`]+`)/g;
    }
    return @pieces;
}

my ($page, $translation) = @ARGV;
my @here = pieces($page);
my @there = pieces($translation);
my $end = ['the end', 0];
for my $i (0 .. ($#here > $#there ? $#here : $#there)) {
    my ($one, $other) = ($here[$i] // $end, $there[$i] // $end);
    next if $one->[0] eq $other->[0];
    print "$page:$one->[1] has: $one->[0]\n$translation:$other->[1] has: $other->[0]\n";
    last;
}
