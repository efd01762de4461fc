#include "tap/stream_columns.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "tap/stream.h"

namespace barometre::tap {

std::vector<std::vector<stream_column>> read_stream_columns(const std::vector<const project::stream *> &streams) {
    std::vector<std::vector<stream_column>> out(streams.size());
    pg::as_extension([&] {
        const auto rows = pg::sql(
            "SELECT s.n, c.column_name, c.name, c.source, c.source_hash, c.derived_hash, c.header_hash, c.unsettled "
            "FROM " +
                std::string(each_stream) +
                " JOIN barometre_internal.stream_column c ON c.tap = s.tap AND c.stream = s.stream ORDER BY s.n, "
                "c.number",
            names_as_arrays(streams));
        for (std::size_t i = 0; i < rows.rows.size(); ++i)
            out.at(static_cast<std::size_t>(rows.number(i, "n") - 1))
                .push_back({rows.text(i, "column_name"), rows.text(i, "name"), rows.text(i, "source"),
                            rows.text(i, "source_hash"), rows.text(i, "derived_hash"), rows.text(i, "header_hash"),
                            rows.yes(i, "unsettled")});
    });
    return out;
}

std::vector<stream_column> read_stream_columns(const project::stream &stream) {
    return read_stream_columns(std::vector{&stream}).front();
}

void record_stream_columns(const project::stream &stream, const std::vector<stream_column> &columns) {
    std::vector<std::string> column, name, source, text, derived, header, unsettled;
    for (const stream_column &c : columns) {
        column.push_back(c.column);
        name.push_back(c.name);
        source.push_back(c.source);
        text.push_back(c.text);
        derived.push_back(c.derived);
        header.push_back(c.header);
        unsettled.push_back(c.unsettled ? "true" : "false");
    }
    std::vector<pg::cell> values{stream.tap, stream.name};
    for (const auto *list : {&column, &name, &source, &text, &derived, &header, &unsettled})
        values.push_back(pg::array_literal(*list));
    pg::as_extension([&] {
        pg::sql("DELETE FROM barometre_internal.stream_column WHERE tap = $1 AND stream = $2",
                {stream.tap, stream.name});
        if (columns.empty())
            return;
        pg::sql(
            "INSERT INTO barometre_internal.stream_column (tap, stream, number, column_name, name, source, "
            "source_hash, derived_hash, header_hash, unsettled) SELECT $1, $2, c.number, nullif(c.column_name, ''), "
            "nullif(c.name, ''), nullif(c.source, ''), nullif(c.source_hash, ''), nullif(c.derived_hash, ''), "
            "nullif(c.header_hash, ''), c.unsettled FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], "
            "$7::text[], $8::text[], $9::boolean[]) WITH ORDINALITY AS c (column_name, name, source, source_hash, "
            "derived_hash, header_hash, unsettled, number)",
            values);
    });
}

void record_unsettled(const project::stream &stream, const std::vector<std::string> &columns) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.stream_column SET unsettled = NOT unsettled WHERE tap = $1 AND stream = $2 "
                "AND unsettled <> coalesce(column_name = ANY ($3::text[]), false)",
                {stream.tap, stream.name, pg::array_literal(columns)});
    });
}

} // namespace barometre::tap
