#include "../../fuzz/template_calls.h"
#include "core/error.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace barometre;

namespace {

/// Every construct is in one of these; mutations cut them, mix them and spoil them.
const std::vector<std::string> seeds = {
    "{{ config(materialized='view', tags=['a', \"b\"], meta={'k': 1}) }}\nselect * from {{ ref('x') }} join {{ "
    "source('t', 's') }} -- é\n",
    "{%- set l = ['a', \"it's\", 1, 2.5, none, true, (1,), {'k': [1]}] -%}\n{% for x in l %}{{ loop.index }}/{{ "
    "loop.length }} {{ x }}{{ ', ' if not loop.last else '' }}{% endfor %}",
    "{% for k, v in d.items() if v %}{{ k ~ '=' ~ v }}{% else %}-{% endfor %}{{ d.a }} {{ d['b'] }} {{ xs[1:][::-1] }} "
    "{{ s[-1] }}",
    "{% if n > 5 and s is string %}a{% elif n in xs or nope is defined %}b{% else %}{# c #}c{% endif %}",
    "{% macro m(a, b=2, c=[a]) -%} {{ a }}/{{ b }}/{{ c }} {%- if a > 0 %}{{ m(a - 1) }}{% endif %}{%- endmacro %}{{ "
    "m(3) }}{{ m(1, b='x') }}",
    "{% set ns = namespace(t=0) %}{% for x in range(9) %}{% set ns.t = ns.t + x %}{% do q.append(ns) %}{% endfor %}{{ "
    "ns.t }}{{ q }}",
    "{% set b %}x {{ n }}{% endset %}{{ b|trim|upper|replace('X', 'y')|length }}{% raw %}{{ }}{% endraw %}",
    "{{ xs|join(', ') }}{{ xs|map('string')|list|sort(reverse=true)|first }}{{ ['b','A']|unique|list }}{{ "
    "nope|default('z') }}{{ '4.2'|float|int }}",
    "{{ '%s-%05.2f|%-9d' % ('a', 3.14, n) }}{{ 'a,b'.split(',') }}{{ '{}{0}{k}'.format(1, k=2) }}{{ s.title() }}{{ 7 "
    "// -2 }}{{ 2 ** 10 % 7 }}",
    "{% if is_incremental() %}where d > (select max(d) from {{ this }}){% endif %}{{ var('v', 3) }}{{ target.schema }}",
    "{{ dbt_utils.union_relations(relations=[ref('a'), ref('b')], exclude=['x'], where=\"a > 'b'\") }}{{ "
    "exceptions.warn('x') }}",
    "{{ helper(1) }}{{ helper(n, other=xs) }}{% set z = helper %}{{ z('\\u00e9\\x41\\n') }}{% set q, r = 1, 2 %}{{ q "
    "}}{{ [[[[1]]]] == l }}",
    "{% macro w(a) %}{{ caller(a, *varargs) if caller else kwargs }}{% endmacro %}{% call(x, y=1) w(2, 3) %}{{ x ~ y "
    "}}{% endcall %}{{ w(**{'k': xs}) }}{% for (a, (b,)), c in [((1, [2]), 3)] recursive %}{{ loop.changed(a) }}{% "
    "endfor %}",
    "{% filter indent(2)|title %}a{% endfilter %}{% set t | trim %} b {% endset %}{% with k = 1, ns = namespace() %}{% "
    "set ns.a, z = 1, 2 %}{% endwith %}{% if false %}{% include 'x' %}{% snapshot s %}x{% endsnapshot %}{% endif %}",
    "{% for g in [d, {'a': 2}]|groupby('a', default=0) %}{{ g.grouper }}{{ g.list }}{% endfor %}{{ "
    "[d]|sort(attribute='a,b')"
    "|map(attribute='a', default=1) }}{{ xs|batch(2, 0) }}{{ xs|slice(2) }}{{ d|dictsort }}{{ [d]|selectattr('z') }}",
    "{{ d|tojson(2) }}{{ fromjson(tojson({'k': [1.5, s, none]})).k }}{{ zip(xs, s) }}{{ set([1, 1]) }}{{ local_md5(s) "
    "}}{{ "
    "s|truncate(3, true)|center(9)|wordcount }}{% set j = joiner('|') %}{{ j() }}{% set c = cycler(1, j) %}{{ c.next() "
    "}}",
    "{{ '{:>{}}|{:,.2f}|{0[0]!r:^9}'.format(s, 9, 1234.5) }}{{ '%(a)s %x' % {'a': n} }}{{ s.rsplit('l', 1) }}{{ "
    "s.partition('l') }}{{ s.zfill(9).ljust(12, '-').expandtabs() }}{{ s.isalpha() }}{{ d.pop('a', 0) }}{{ q.sort() }}",
    "{% set l = [] %}{% do l.append(l) %}{% do l.extend([l, d]) %}{% do d.update({'l': l}) %}{{ l|length }}{{ l == l "
    "}}{{ d.l is defined }}{{ 'ab' * 99 }}",
};

const std::vector<std::string> pieces = {"{{",
                                         "}}",
                                         "{%",
                                         "%}",
                                         "{#",
                                         "#}",
                                         "-",
                                         "'",
                                         "\"",
                                         "\\",
                                         "(",
                                         ")",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         "|",
                                         ".",
                                         ",",
                                         ":",
                                         "~",
                                         "**",
                                         "//",
                                         " is ",
                                         " not ",
                                         " in ",
                                         " if ",
                                         " else ",
                                         " for ",
                                         "{% endfor %}",
                                         "{% endif %}",
                                         "{% set x = ",
                                         "{% endmacro %}",
                                         "loop",
                                         "xs",
                                         "range(99999999)",
                                         "1e308",
                                         "9223372036854775807",
                                         "\n",
                                         "\xC3",
                                         "\xF0\x9F",
                                         "|sort",
                                         "|unique",
                                         "|list",
                                         "|sum",
                                         ".append(l)",
                                         ".items()",
                                         "[::-1]",
                                         "return(",
                                         "-1",
                                         "0"};

std::string mutated(std::mt19937 &random) {
    auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
    std::string s = seeds[below(seeds.size())];
    for (std::size_t changes = below(5); changes > 0; --changes) {
        const std::size_t at = below(s.size() + 1);
        switch (below(6)) {
        case 0:
            s.insert(at, pieces[below(pieces.size())]);
            break;
        case 1:
            s.erase(at, below(12));
            break;
        case 2:
            if (at < s.size())
                s[at] = static_cast<char>(1 + below(255));
            break;
        case 3: { // a part of another
            const std::string &other = seeds[below(seeds.size())];
            const std::size_t from = below(other.size());
            s.insert(at, other.substr(from, below(60)));
            break;
        }
        case 4:
            s = s.substr(0, at) + s.substr(below(at + 1)); // a part twice
            break;
        default:
            s.replace(at, std::min<std::size_t>(s.size() - at, 2), pieces[below(pieces.size())]);
        }
    }
    return s;
}

} // namespace

/// Whatever is in a template, it is rendered or is an error with its place; sanitizers watch. Always the same inputs.
TEST(TemplateFuzz, NothingGetsPastTheErrors) {
    jinja::callbacks calls = fuzz::template_calls();
    std::mt19937 random(20261125);
    int fine = 0, wrong = 0;
    for (int i = 0; i < 15000; ++i) {
        const std::string source = mutated(random);
        try {
            const auto result = jinja::render_lines(source, "m.sql", calls);
            ASSERT_EQ(result.lines.size(),
                      1u + static_cast<std::size_t>(std::count(result.text.begin(), result.text.end(), '\n')))
                << source;
            const int last = 1 + static_cast<int>(std::count_if(source.begin(), source.end(),
                                                                [](char c) { return c == '\n' || c == '\r'; }));
            for (const int line : result.lines)
                ASSERT_TRUE(line >= 1 && line <= last) << source;
            ++fine;
        } catch (const error &e) {
            ASSERT_EQ(e.sqlstate, sqlstate::project_invalid) << source;
            ASSERT_TRUE(e.message.starts_with("m.sql:") || e.message.starts_with("macros/m.sql:")) << source << '\n'
                                                                                                   << e.message;
            ++wrong;
        }
        if (i % 4 == 0) {
            try {
                jinja::find_references(source, "m.sql", calls);
            } catch (const error &) {
            }
        }
    }
    EXPECT_GT(fine, 2500); // else the mutations test nothing but the parser
    EXPECT_GT(wrong, 5000);
}
