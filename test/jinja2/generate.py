#!/usr/bin/env python3
"""Random templates, and what Jinja2 makes of them: generate.py [COUNT [SEED]] > templates.txt

Each line has a template, a tab, and what it prints; newlines, tabs and backslashes are escaped as in C. The unit tests
compare our engine with that file, so that neither Python nor Jinja2 (3.1: python3-jinja2) is needed to run them. What
the engine means to differ in is left out: generators are lists, a name that nobody knows is an error, texts are texts
and never Markup.
"""
import functools
import random
import sys

from jinja2 import Environment, StrictUndefined
from jinja2.utils import missing

class Strict(StrictUndefined):
    """Names that nobody knows are errors; what a macro was not given, or an item has not, is false, and equal to nothing."""
    __slots__ = ()
    def _soft(self):
        return self._undefined_obj is not missing or (self._undefined_hint or '').startswith(('parameter', 'No caller'))
    def __bool__(self):
        if self._soft(): return False
        self._fail_with_undefined_error()
    def __eq__(self, other):
        if self._soft(): return isinstance(other, Strict)
        self._fail_with_undefined_error()
    def __ne__(self, other): return not self == other
    def __hash__(self):
        if self._soft(): return 0
        self._fail_with_undefined_error()

def as_list(f):
    @functools.wraps(f)
    def wrapped(*a, **k):
        r = f(*a, **k)
        return r if isinstance(r, str) else list(r)
    return wrapped

env = Environment(extensions=['jinja2.ext.do', 'jinja2.ext.loopcontrols'], undefined=Strict)
for name in 'map select reject selectattr rejectattr unique batch slice items reverse'.split():
    env.filters[name] = as_list(env.filters[name])

def plain(f):
    """Without Markup, which escapes what is joined to it."""
    @functools.wraps(f)
    def wrapped(*a, **k): return ''.join(list(str(f(*a, **k))))
    return wrapped

for name in 'tojson e escape forceescape safe'.split():
    env.filters[name] = plain(env.filters[name])

class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.vars = {'int': [], 'str': [], 'list': [], 'dict': [], 'rows': []}
        self.macros = []
        self.n = 0
    def pick(self, *xs): return self.r.choice(xs)
    def some(self, f, lo=0, hi=3): return [f() for _ in range(self.r.randint(lo, hi))]
    def lit(self):
        s = self.pick('', 'a', 'b', 'Ab', 'a b', ' x ', 'héllo wörld', 'A-b c', '12', '-3', '4.50', 'a,b,,c', "it's", 'q"', 'x\\ny', 'l1\\nl2\\n\\nl4', 'aaa', 'ß', 'ABC', 'abc_def', '1_000', 'a.b', '<a&b>', 'foo(bar) [baz]', '\\t', 'Ünï', 'aXbX', ' lead', 'trail ', 'x  y', '²', '½', 'true', '{}', 'éa éb', 'The quick brown fox jumps over the lazy dog')
        return '"' + s.replace('"', '\\"') + '"'
    def var(self, t, otherwise):
        return self.pick(*self.vars[t]) if self.vars[t] and self.r.random() < .5 else otherwise()
    def int(self, d=2):
        if d <= 0 or self.r.random() < .4:
            return self.var('int', lambda: str(self.pick(0, 1, 2, 3, 4, 5, 7, 10, 12, 100, -1, -2)) )
        e = self.pick(
            lambda: f"({self.int(d-1)} {self.pick('+','-','*')} {self.int(d-1)})",
            lambda: f"({self.int(d-1)} {self.pick('//','%')} {self.pick('2','3','-2')})",
            lambda: f"{self.str(d-1)}|length", lambda: f"{self.list(d-1)}|count", lambda: f"{self.ints(d-1)}|sum",
            lambda: f"{self.ints(d-1)}|{self.pick('max','min','first','last')}", lambda: f"{self.str(d-1)}|int({self.pick('','7','0','default=3')})",
            lambda: f"{self.str(d-1)}.{self.pick('find','rfind','count')}({self.str(d-1)}{self.pick('', ', ' + self.int(0), ', ' + self.int(0) + ', ' + self.int(0))})",
            lambda: f"{self.str(d-1)}.{self.pick('index','rindex')}({self.pick(chr(39)+'a'+chr(39), self.str(0))})",
            lambda: f"{self.str(d-1)}|wordcount", lambda: f"{self.list(d-1)}.{self.pick('index','count')}({self.atom(d-1)})",
            lambda: f"{self.dict(d-1)}|length", lambda: f"({self.int(d-1)})|abs", lambda: f"{self.rows(d-1)}|sum(attribute='n'{self.pick('', ', start=5')})",
            lambda: f"{self.int(d-1)} if {self.bool(d-1)} else {self.int(d-1)}",
            lambda: f"{self.rows(d-1)}|map(attribute='n')|{self.pick('max','min','sum')}")()
        return f"({e})"
    def ints(self, d=2):
        return self.pick(lambda: f"[{', '.join(self.some(lambda: self.int(0), 0, 5))}]", lambda: f"range({self.int(0)})|list", lambda: f"(range({self.int(0)}, {self.int(0)}, {self.pick('1','2','-1')})|list)",
                         lambda: f"({self.ints(d-1)}|sort)" if d > 0 else '[3, 1, 2]')()
    def str(self, d=2):
        if d <= 0 or self.r.random() < .35:
            return self.var('str', self.lit)
        s = lambda: self.str(d-1)
        i = lambda: self.pick('0', '1', '2', '3', '5', '8', '-1')
        chars = lambda: self.pick("'-'", "'*'", "'é'", "'0'")
        e = self.pick(
            lambda: f"{s()} ~ {self.atom(d-1)}", lambda: f"{s()} + {s()}", lambda: f"{s()} * {self.pick('2','0')}",
            lambda: f"{s()}|{self.pick('upper','lower','title','capitalize','trim','string','e','reverse','safe','forceescape')}",
            lambda: f"{s()}|trim({s()})", lambda: f"{s()}|replace({s()}, {s()}{self.pick('', ', 1', ', count=2')})",
            lambda: f"{s()}|center({self.pick('', '10', 'width=7')})", lambda: f"{s()}|indent({self.pick('', '2', '3, true', 'first=true', 'width=1, blank=true', chr(39)+'>>'+chr(39))})",
            lambda: f"{s()}|truncate({self.pick('', '10', '5, true', '9, false, ' + chr(39)*2, '12, leeway=0', '3', '8, true, leeway=2', 'length=10, end=' + chr(39) + '..' + chr(39))})",
            lambda: f"{s()}.{self.pick('upper','lower','title','capitalize','swapcase','casefold','strip','lstrip','rstrip')}()",
            lambda: f"{s()}.{self.pick('strip','lstrip','rstrip')}({s()})",
            lambda: f"{s()}.{self.pick('zfill')}({i()})", lambda: f"{s()}.{self.pick('ljust','rjust','center')}({i()}{self.pick('', ', ' + chars())})",
            lambda: f"{s()}.replace({s()}, {s()}{self.pick('', ', 1')})", lambda: f"{s()}.{self.pick('removeprefix','removesuffix')}({s()})",
            lambda: f"{s()}.expandtabs({self.pick('', '4', '0')})",
            lambda: f"{s()}.join({self.strs(d-1)})", lambda: f"{self.list(d-1)}|join({self.pick('', s())})",
            lambda: f"{self.rows(d-1)}|join({s()}, attribute={self.pick(chr(39)+'n'+chr(39), chr(39)+'in.k'+chr(39))})",
            lambda: f"{s()}[{i()}:{self.pick('', i())}]", lambda: f"{s()}[::{self.pick('-1','2')}]", lambda: f"({s()} ~ 'z')[0]",
            lambda: self.format(d-1), lambda: f"{self.any(d-1)}|tojson", lambda: f"{self.any(d-1)}|tojson({self.pick('2', 'indent=1', '0')})",
            lambda: f"{self.any(d-1)}|string", lambda: f"{s()}.{self.pick('partition','rpartition')}({self.str(0)})[{self.pick('0','1','2')}]",
            lambda: f"{s()} if {self.bool(d-1)} else {s()}", lambda: f"{s()}|default({s()})",
            lambda: f"(none|default({s()}, true))", lambda: self.percent(d-1))()
        return f"({e})"
    def format(self, d):
        spec = self.pick('', ':>8', ':<6', ':^7', ':*^9', ':5', ':.2', '!r', '!r:>10', ':s')
        num = self.pick('', ':d', ':5d', ':05d', ':+d', ':,', ':x', ':#x', ':b', ':o', ':08b', ':_', ':>6', ':<6d', ':^+9', ':e', ':.2f', ':08.3f', ':%', ':,.1f', ':=+8', ':012,d', ':X', ':*=7')
        fl = self.pick('', ':.2f', ':8.3f', ':e', ':g', ':.3g', ':.2%', ':,.2f', ':+.1f', ':010.2f', ':<9', ':.4', ':f', ':.0f', ':#.0f')
        return self.pick(lambda: f"'[{{{spec}}}|{{{num}}}|{{{fl}}}]'.format({self.str(d)}, {self.int(d)}, {self.float(d)})",
                         lambda: f"'{{0}}-{{1{num}}}-{{0}}-{{k{spec}}}{{{{}}}}'.format({self.any(d)}, {self.int(d)}, k={self.str(d)})",
                         lambda: f"'{{:{{}}}}|{{:>{{}}}}'.format({self.int(0)}, 5, {self.str(0)}, 4)",
                         lambda: f"'{{0[0]}}{{1[k]}}'.format([{self.int(d)}], {{'k': {self.str(d)}}})")()
    def percent(self, d):
        return self.pick(lambda: f"'%s %r %d %5.1f|%-6s|%04d|%x' % ({self.any(d)}, {self.str(d)}, {self.int(d)}, {self.float(d)}, {self.str(d)}, {self.int(d)}, {self.pick('255','10')})",
                         lambda: f"'%(a)s=%(b)03d %%' % {{'a': {self.str(d)}, 'b': {self.int(d)}}}",
                         lambda: f"'%s-%s'|format({self.int(d)}, {self.str(d)})", lambda: f"'%+d %e %g %i' % ({self.int(d)}, {self.float(d)}, {self.float(d)}, {self.int(d)})")()
    def strs(self, d=1): return f"[{', '.join(self.some(lambda: self.str(min(d, 1)), 0, 4))}]"
    def float(self, d=1):
        if d <= 0 or self.r.random() < .5:
            return self.pick('1.5', '0.0', '-2.25', '3.14159', '100.0', '1e10', '0.001', '2.5', '1e-7', '123456.789')
        return '(' + self.pick(lambda: f"{self.float(d-1)} {self.pick('+','-','*')} {self.int(d-1)}", lambda: f"{self.int(d-1)} / {self.pick('2','4')}", lambda: f"{self.float(d-1)}|round({self.pick('','1','2')}{''})",
                         lambda: f"{self.float(d-1)}|round({self.pick('1','0','2')}, {self.pick(chr(39)+'ceil'+chr(39), chr(39)+'floor'+chr(39))})", lambda: f"{self.str(d-1)}|float({self.pick('','1.5')})", lambda: f"{self.float(d-1)}|abs")() + ')'
    def bool(self, d=2):
        if d <= 0: return self.pick('true', 'false')
        e = self.pick(
            lambda: f"{self.any(d-1)} is {self.pick('','not ')}{self.pick('string','number','integer','float','boolean','none','mapping','sequence','iterable','defined','undefined','true','false','callable','escaped')}",
            lambda: f"{self.int(d-1)} is {self.pick('odd','even','divisibleby(3)','divisibleby 2', 'gt(2)','lt 3','ge(1)','le(5)','ne 2','eq 3','in([1,2,3])', 'equalto 1', 'greaterthan 2', 'lessthan 4')}",
            lambda: f"{self.str(d-1)} is {self.pick('upper','lower')}", lambda: f"{self.pick(chr(39)+'upper'+chr(39), chr(39)+'odd'+chr(39), chr(39)+'nope'+chr(39), chr(39)+'in'+chr(39))} is {self.pick('filter','test')}",
            lambda: f"{self.str(d-1)}.{self.pick('isdigit','isalpha','isalnum','isupper','islower','isnumeric','isspace','isdecimal','istitle','isascii','isidentifier')}()",
            lambda: f"{self.str(d-1)}.{self.pick('startswith','endswith')}({self.pick(self.str(0), '(' + self.str(0) + ', ' + self.str(0) + ')')}{self.pick('', ', 1', ', 1, 3', ', -2')})",
            lambda: f"{self.atom(d-1)} {self.pick('==','!=')} {self.atom(d-1)}", lambda: f"{self.int(d-1)} {self.pick('<','>','<=','>=')} {self.int(d-1)}",
            lambda: f"{self.str(d-1)} {self.pick('in','not in')} {self.str(d-1)}", lambda: f"{self.atom(d-1)} {self.pick('in','not in')} {self.list(d-1)}",
            lambda: f"{self.bool(d-1)} {self.pick('and','or')} {self.bool(d-1)}", lambda: f"not {self.bool(d-1)}", lambda: f"'k' in {self.dict(d-1)}",
            lambda: f"{self.atom(d-1)} is sameas {self.pick('true','false','none')}")()
        return f"({e})"
    def atom(self, d=1): return self.pick(self.int, self.str)(d) if self.r.random() < .9 else self.pick('none', 'true', '1.0')
    def any(self, d=1): return self.pick(self.int, self.str, self.list, self.dict, self.float, self.bool, lambda d: 'none')(d)
    def list(self, d=2):
        if d <= 0 or self.r.random() < .4:
            return self.var('list', lambda: self.pick(lambda: f"[{', '.join(self.some(lambda: self.atom(0), 0, 5))}]", lambda: self.ints(0), lambda: self.strs(0))())
        l = lambda: self.list(d-1)
        e = self.pick(
            lambda: f"{l()} + {l()}", lambda: f"{l()}[{self.pick('0','1','-2','')}:{self.pick('','3','-1')}]", lambda: f"{l()}|reverse", lambda: f"{self.strs(d-1)}|sort({self.pick('','reverse=true','case_sensitive=true', 'true, true')})",
            lambda: f"{self.ints(d-1)}|sort({self.pick('', 'reverse=true')})", lambda: f"{l()}|unique({self.pick('','case_sensitive=true', 'true')})", lambda: f"{l()}|batch({self.pick('2','3', '2, 0', '3, fill_with=' + chr(39)+'x'+chr(39))})",
            lambda: f"{l()}|slice({self.pick('2','3', '2, 0', 'slices=4, fill_with=none', '3, ' + chr(39)+'x'+chr(39))})",
            lambda: f"{self.dict(d-1)}|dictsort({self.pick('', 'true', 'reverse=true')})", lambda: f"{self.dict(d-1)}|items", lambda: f"{self.dict(d-1)}.{self.pick('keys','values','items')}()|list",
            lambda: f"{self.rows(d-1)}|map(attribute={self.pick('n','s','in.k')!r})", lambda: f"{self.rows(d-1)}|map(attribute='z', default={self.atom(0)})", lambda: f"{self.rows(d-1)}|map(attribute='l.0', default=0)",
            lambda: f"{self.strs(d-1)}|map({self.pick('upper','length','title','trim','capitalize','int','first')!r})" , lambda: f"{self.strs(d-1)}|map('replace', {self.str(0)}, {self.str(0)})", lambda: f"{self.strs(d-1)}|map('default', 'x', true)",
            lambda: f"{self.strs(d-1)}|map('truncate', 3, killwords=true, leeway=0)", lambda: f"{self.ints(d-1)}|{self.pick('select','reject')}({self.pick(chr(39)+'odd'+chr(39), chr(39)+'gt'+chr(39)+', 2', chr(39)+'in'+chr(39)+', [1,2]', chr(39)+'divisibleby'+chr(39)+', 3', '', chr(39)+'=='+chr(39)+', 1', chr(39)+'>='+chr(39)+', 2', chr(39)+'divisibleby'+chr(39)+', num=2')})",
            lambda: f"{l()}|{self.pick('select','reject')}({self.pick(chr(39)+'string'+chr(39), chr(39)+'number'+chr(39), chr(39)+'none'+chr(39), '')})",
            lambda: f"{self.rows(d-1)}|{self.pick('selectattr','rejectattr')}({self.pick(chr(39)+'n'+chr(39), chr(39)+'z'+chr(39)+', '+chr(39)+'defined'+chr(39), chr(39)+'z'+chr(39), chr(39)+'n'+chr(39)+', '+chr(39)+'gt'+chr(39)+', 1', chr(39)+'s'+chr(39)+', '+chr(39)+'equalto'+chr(39)+', '+chr(39)+'b'+chr(39), chr(39)+'in.k'+chr(39)+', '+chr(39)+'odd'+chr(39), chr(39)+'z'+chr(39)+', '+chr(39)+'equalto'+chr(39)+', 1')})|map(attribute='n')",
            lambda: f"{self.rows(d-1)}|sort(attribute={self.pick('n','s','s,n','n,s','in.k', 'l.0')!r}{self.pick('', ', reverse=true')})|map(attribute='s')", lambda: f"{self.rows(d-1)}|unique(attribute={self.pick('n','s')!r})|map(attribute='n')",
            lambda: f"{self.rows(d-1)}|groupby({self.pick('n','s','in.k')!r}{self.pick('', ', case_sensitive=true')})|map(attribute='grouper')", lambda: f"{self.rows(d-1)}|groupby('z', default=1)|map('first')",
            lambda: f"{self.rows(d-1)}|groupby('n')|map(attribute='list')|map('length')",
            lambda: f"{self.rows(d-1)}|{self.pick('min','max')}(attribute={self.pick('n','s')!r}) |list" , lambda: f"{self.str(d-1)}|list",
            lambda: f"{self.str(d-1)}.{self.pick('split','rsplit')}({self.pick('', self.lit(), self.lit() + ', 1', 'none, 1', 'none, 2', chr(39)+'a'+chr(39)+', maxsplit=1')})", lambda: f"{self.str(d-1)}.splitlines({self.pick('','true')})",
            lambda: f"{self.str(d-1)}.{self.pick('partition','rpartition')}({self.lit()})|list", lambda: f"{l()} * 2", lambda: f"{l()}.copy()")()
        return f"({e})"
    def dict(self, d=1):
        if d <= 0 or self.r.random() < .5:
            return self.var('dict', lambda: '{' + ', '.join(f"{k}: {self.atom(0)}" for k in self.r.sample(["'k'", "'a'", "'B'", "'c d'", '1'], self.r.randint(0, 3))) + '}')
        return self.pick(lambda: f"dict({self.dict(d-1)}, k={self.atom(d-1)})", lambda: f"{{'k': {self.any(d-1)}, 'l': {self.list(d-1)}}}", lambda: f"dict([['k', {self.atom(0)}], ('a', 2)])", lambda: f"{self.dict(d-1)}.copy()")()
    def rows(self, d=1):
        return self.var('rows', lambda: '[' + ', '.join(self.some(lambda: f"{{'n': {self.pick(0,1,2,3)}, 's': {self.pick('a','b','B','A','c')!r}, 'in': {{'k': {self.pick(1,2,3)}}}, 'l': [{self.pick(1,2)}]{self.pick('', ', ' + chr(39)+'z'+chr(39)+': 1')}}}", 0, 4)) + ']')
    def name(self, t=None):
        self.n += 1
        n = f"v{self.n}"
        if t: self.vars[t].append(n)
        return n
    def scoped(self, f):
        keep = {k: list(v) for k, v in self.vars.items()}
        out = f()
        self.vars = keep
        return out
    def text(self): return self.pick('', ' ', 'x', '\n', ' a\n', 'é', '-- c\n')
    def tag(self, s): return self.pick('{%', '{%', '{%', '{%-', '{%+') + ' ' + s + ' ' + self.pick('%}', '%}', '%}', '-%}')
    def printed(self, d=2):
        kind = self.pick('int', 'str', 'list', 'dict', 'bool', 'float')
        return '{{ ' + getattr(self, kind)(d) + ' }}'
    def body(self, d): return ''.join(self.stmt(d) + self.text() for _ in range(self.r.randint(1, 3)))
    def stmt(self, d=2):
        if d <= 0 or self.r.random() < .35: return self.printed()
        return self.pick(self.s_set, self.s_for, self.s_if, self.s_macro, self.s_call, self.s_filter, self.s_with, self.s_setblock, self.s_do, self.s_macrocall, self.s_rec, self.s_group)(d)
    def s_set(self, d):
        t = self.pick('int', 'str', 'list', 'dict', 'rows')
        if self.r.random() < .25:
            a, b, c = self.int(1), self.str(1), self.int(0)
            tmpl = self.pick('{a}, {b}, {c}', '({a}, {b}), {c}', '{a}, ({b}, {c})', '({a}, ({b}, ({c},)))')
            val = tmpl.format(a=a, b=b, c=c)
            tgt = tmpl.format(a=self.name('int'), b=self.name('str'), c=self.name('int'))
            return self.tag(f"set {tgt} = {val}")
        e = getattr(self, t)(2)
        return self.tag(f"set {self.name(t)} = {e}")
    def s_for(self, d):
        if self.r.random() < .3:
            e = f"[{', '.join(self.some(lambda: f'(({self.int(0)}, {self.str(0)}), {self.int(0)})', 0, 3))}]"
            def inner():
                a, b, c = self.name('int'), self.name('str'), self.name('int')
                return self.tag(f"for ({a}, {b}), {c} in {e}") + '{{ ' + a + ' }}' + self.body(d-1) + self.tag('endfor')
            return self.scoped(inner)
        k, e = ('int', self.ints(1)) if self.r.random() < .5 else ('str', self.strs(1))
        cond = self.pick('', '', f" if {self.bool(1)}")
        def inner():
            v = self.name(k)
            inside = self.pick('', '', '{{ loop.index }}/{{ loop.length }}', "{{ loop.cycle('a', 'b') }}", '{{ loop.changed(' + v + ') }}', '{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}', "{{ loop.previtem|default('-') }}", "{{ loop.nextitem is defined }}", '{{ loop.depth }}', '{{ loop.changed(loop.index // 2, 1) }}')
            return self.tag(f"for {v} in {e}{cond}") + inside + self.pick('', '', '', self.tag('if ' + v + self.pick(' == 2', ' is string')) + self.tag(self.pick('break', 'continue')) + self.tag('endif')) + self.body(d-1) + self.pick('', self.tag('else') + self.printed()) + self.tag('endfor')
        return self.scoped(inner)
    def s_if(self, d):
        return self.tag(f"if {self.bool()}") + self.scoped(lambda: self.body(d-1)) + self.pick('', self.tag(f"elif {self.bool()}") + self.printed()) + self.pick('', self.tag('else') + self.printed()) + self.tag('endif')
    def s_macro(self, d):
        n = f"m{len(self.macros)}_{self.n}"
        params = self.r.randint(0, 3)
        names = [self.name() for _ in range(params)]
        first_default = self.r.randint(0, params)
        sig = ', '.join(p if i < first_default else f"{p}={self.int(0)}" for i, p in enumerate(names))
        extra = self.pick('', '', '{{ varargs }}', '{{ kwargs }}', '{{ varargs }}{{ kwargs }}', "{{ caller() if caller else 'none' }}", "{{ caller(1, 2) if caller is defined }}", "{% if caller %}{{ caller(5) }}{% endif %}")
        use = ''.join(self.pick(f"{{{{ {p}|default('-') }}}}", f"{{% if {p} %}}y{{% endif %}}", f"{{{{ {p} is defined }}}}", f"{{{{ {p} == 1 }}}}", f"{{{{ {p} is none }}}}") for p in names)
        keep = self.vars
        self.vars = {k: [] for k in keep}
        self.vars['int'] = [p for i, p in enumerate(names) if i >= first_default]
        b = use + extra + self.body(d-1)
        self.vars = keep
        out = self.tag(f"macro {n}({sig})") + b + self.tag('endmacro')
        self.macros.append((n, names))
        return out
    def args(self, names):
        out = []
        for _ in range(self.r.randint(0, len(names) + (self.r.random() < .3))): out.append(self.int(1))
        if self.r.random() < .25: out.append('*' + f"[{', '.join(self.some(lambda: self.int(0), 0, 2))}]")
        if names and self.r.random() < .25: out.append(f"{names[-1]}={self.int(0)}")
        if self.r.random() < .15: out.append(f"kw={self.int(0)}")
        if self.r.random() < .25: out.append("**{" + f"'{self.pick('kx', *(names or ['ky']))}': {self.int(0)}" + "}")
        return ', '.join(out)
    def s_macrocall(self, d):
        if not self.macros: return self.s_macro(d)
        n, names = self.pick(*self.macros)
        return '{{ ' + f"{n}({self.args(names)})" + self.pick('', '|trim', '|upper', '|length') + ' }}'
    def s_call(self, d):
        if not self.macros: return self.s_macro(d)
        n, names = self.pick(*self.macros)
        a = self.args(names)
        def inner():
            ps = [self.name() for _ in range(self.r.randint(0, 2))]
            sig = self.pick(f"({', '.join(ps)})", f"({', '.join(p + '=3' for p in ps)})") if ps else self.pick('', '()')
            return self.tag(f"call{sig} {n}({a})") + ''.join('{{ ' + p + "|default('?') }}" for p in ps) + self.body(d-1) + self.tag('endcall')
        return self.scoped(inner)
    def s_filter(self, d):
        f = self.pick('upper', 'title', 'trim', "replace('a', 'b')", 'indent(2)', 'trim|upper', "truncate(8, true)|center(12)", 'e', 'length|string', 'wordcount|string')
        return self.tag(f"filter {f}") + self.scoped(lambda: self.body(d-1)) + self.tag('endfilter')
    def s_with(self, d):
        a, b = self.int(1), self.str(1)
        def inner():
            return self.tag(f"with {self.name('int')} = {a}, {self.name('str')} = {b}") + self.body(d-1) + self.tag('endwith')
        return self.scoped(inner) if self.r.random() < .9 else self.tag('with') + self.scoped(lambda: self.body(d-1)) + self.tag('endwith')
    def s_setblock(self, d):
        f = self.pick('', '', ' | upper', ' | trim | title', " | replace('a', 'b')", ' | indent(2, true)')
        b = self.scoped(lambda: self.body(d-1))
        n = self.name('str')
        return self.tag(f"set {n}{f}") + b + self.tag('endset') + '[{{ ' + n + ' }}]'
    def s_do(self, d):
        if self.vars['list'] and self.r.random() < .6:
            l = self.pick(*self.vars['list'])
            return self.tag(f"do {l}." + self.pick(f"append({self.atom(1)})", f"extend({self.list(1)})", f"insert({self.int(0)}, {self.atom(0)})", f"pop({self.pick('', '0', '-1')})", "reverse()", "clear()", f"remove({self.atom(0)})", f"sort({self.pick('', 'reverse=true')})")) + '{{ ' + l + ' }}'
        if self.vars['dict']:
            v = self.pick(*self.vars['dict'])
            return self.tag(f"do {v}." + self.pick(f"update({self.dict(1)})", f"update(k={self.atom(0)})", f"pop('k', none)", "pop('k')", "popitem()", "clear()", f"setdefault('k', {self.atom(0)})", "update([['z', 1]])")) + '{{ ' + v + ' }}{{ ' + f"{v}.get('k', 0) }}}}{{{{ {v}.pop('a', 1) }}}}"
        return self.printed()
    def s_rec(self, d):
        return "{% for x in [1, [2, [3, 4]], [5]] recursive %}{{ loop.depth0 }}{{ loop.index }}{{ x if x is number else '(' ~ loop(x) ~ ')' }}{% endfor %}" if self.r.random() < .3 else self.printed()
    def s_group(self, d):
        return "{% for g, rows in " + self.rows() + "|groupby(" + repr(self.pick('n', 's')) + ") %}{{ g }}:{{ rows|length }}{{ rows|map(attribute='s')|join }};{% endfor %}{% for g in " + self.rows() + "|groupby('s') %}{{ g.grouper }}{{ g.list|length }}{{ g[0] }}{% endfor %}"

def template(seed): return Gen(seed).body(3)

def expected(source):
    """What it prints behind "=", or behind "!" why it does not."""
    try:
        return '=' + env.from_string(source).render()
    except Exception as e:
        return f'!{type(e).__name__}: {e}'

def escaped(text): return text.replace('\\', '\\\\').replace('\n', '\\n').replace('\t', '\\t').replace('\r', '\\r')

if __name__ == '__main__':
    left = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    while left > 0:
        source = template(seed)
        result = expected(source)
        seed += 1
        if result[0] == '=' and 20 < len(source) < 300 and 'Undefined' not in result.title() and 'Macro' not in result.title():
            print(escaped(source) + '\t' + escaped(result[1:]))
            left -= 1
