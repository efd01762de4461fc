// Rendering models. An item is a template; bytes are those of the SQL that it gives.
#include "core/jinja/render.h"

#include <benchmark/benchmark.h>

using namespace barometre;

namespace {

constexpr char plain_model[] = R"(select
    dpt_code, geo_dpt_iso, geo_dpt_name, month, month_str,
    count(stats_id) as n_preplaintes,
    avg(duree) as duree_moy,
    percentile_disc(0.5) within group (order by duree) as duree_med
from analytics.ppel_clean_logs
group by dpt_code, geo_dpt_iso, geo_dpt_name, month, month_str
)";

constexpr char typical_model[] = R"({{ config(materialized='table', tags=['daily', 'ppel']) }}
-- One row a department and month.
select
    dpt_code, geo_dpt_iso, geo_dpt_name, month, month_str,
    count(stats_id) as n_preplaintes,
    avg(duree) as duree_moy
from {{ ref('ppel_clean_logs') }} as logs
left join {{ source('tap_csv_ppel', 'ppel_geo') }} as geo using (dpt_code)
where month >= date '{{ var('since') }}'
{% if is_incremental() %}
  and month > (select max(month) from {{ this }})
{% endif %}
group by dpt_code, geo_dpt_iso, geo_dpt_name, month, month_str
)";

constexpr char macros[] =
    R"({% macro cents(column, digits=2) %}round(({{ column }} / 100.0)::numeric, {{ digits }}){% endmacro %}
{% macro safe(name) %}"{{ name | trim | lower | replace(' ', '_') }}"{% endmacro %}
{% macro pivot(column, values, alias='n') %}
{%- for v in values %}
    count(*) filter (where {{ safe(column) }} = '{{ v | replace("'", "''") }}') as {{ safe(alias ~ ' ' ~ v) }}
    {{- ',' if not loop.last }}
{%- endfor %}
{% endmacro %}
)";

constexpr char macro_model[] =
    R"({% set tags = ['accessibilité', 'explication', 'relation', 'réactivité', 'simplicité'] %}
{% set ns = namespace(total=0) %}
{% for year in range(2015, 2025) %}
select {{ year }} as year, {{ pivot('Tag', tags, 'n ' ~ loop.index) }},
    {% for t in tags if t | length > 8 %}{% set ns.total = ns.total + 1 %}{{ cents('amount_' ~ loop.index0) }} as {{ safe(t) }}_{{ ns.total }}, {% endfor %}
    {{ cents('total', digits=4) }} as total
from {{ ref('facts_%s' % year) }}
{{ 'union all' if not loop.last }}
{% endfor %}
)";

jinja::callbacks context() {
    jinja::callbacks calls;
    calls.ref = [](const std::string &name) { return jinja::relation("\"analytics\".\"" + name + "\""); };
    calls.source = [](const std::string &tap, const std::string &stream) {
        return jinja::relation("\"" + tap + "\".\"" + stream + "\"");
    };
    calls.config = [](const jinja::arguments &) {};
    calls.self = jinja::relation("\"analytics\".\"m\"");
    calls.is_incremental = true;
    calls.vars = std::make_shared<jinja::variables>(jinja::variables{{"since", "2020-01-01"}});
    auto library = std::make_shared<jinja::macro_library>();
    library->add(macros, "macros/all.sql");
    calls.macros = library;
    return calls;
}

void render(benchmark::State &state, const std::string &source) {
    jinja::callbacks calls = context();
    std::size_t bytes = 0;
    for (auto _ : state)
        bytes += jinja::render(source, "m.sql", calls).size();
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(render, plain, plain_model);
BENCHMARK_CAPTURE(render, typical, typical_model);
BENCHMARK_CAPTURE(render, macros, macro_model);

/// What reading a project does to each model.
void find_references(benchmark::State &state, const std::string &source) {
    const jinja::callbacks calls = context();
    for (auto _ : state)
        benchmark::DoNotOptimize(jinja::find_references(source, "m.sql", calls));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * source.size()));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(find_references, typical, typical_model);
BENCHMARK_CAPTURE(find_references, macros, macro_model);

} // namespace
