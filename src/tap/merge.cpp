#include "tap/merge.h"
#include "load/merge_keys.h"
#include "load/withheld.h"
#include "pg/claim.h"
#include "pg/messages.h"
#include "pg/own_heap.h"
#include "registry/spreading.h"
#include "tap/absent.h"
#include "tap/adopt.h"
#include "tap/check_table.h"
#include "tap/columns.h"
#include "tap/losses.h"
#include "tap/lost_ledger.h"
#include "tap/refused_rows.h"
#include "tap/spread.h"
#include "tap/table.h"

namespace barometre::tap {

namespace {

/// Rows of files that now lack even a header, and of all files that are gone.
void delete_rows(const project::stream &stream, const purpose &why, merged &done) {
    std::vector<std::string> ids;
    for (const std::int64_t id : done.file_ids)
        ids.push_back(std::to_string(id));
    if (!why.full_refresh && (ids.empty() || !stream.key_properties.empty()))
        return;
    std::string rows = " FROM " + table_of(stream);
    if (!why.full_refresh)
        rows += " WHERE _baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(ids) + ")";
    done.rows.deleted = load::delete_rows(table_of(stream), rows);
}

/// Makes what comes after the rows, because an index is made faster than it grows.
void finish_table(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                  load::reject_log &rejects, merged &done) {
    done.rows.inserted = read.filled.inserted;
    if (!stream.key_properties.empty()) {
        std::optional<absence> lacks;
        if (stream.delete_absent)
            lacks.emplace(stream, why, found, read, done.same, done.file_ids, rejects);
        if (read.key_ddl.empty()) {
            refused_rows refused(read.files, read, found.listed_us, rejects);
            const added_key key =
                add_key(stream, why.run, [&](std::int64_t file, std::int64_t line, const error &why_not) {
                    refused.add(file, line, why_not);
                });
            refused.finish();
            rejects.judge(read.records);
            done.ddl.push_back(key.sql);
            done.rows.superseded = key.superseded;
            done.rows.inserted -= key.superseded + key.refused;
        } else {
            done.ddl.push_back(read.key_ddl);
        }
        if (lacks) {
            const std::int64_t older = lacks->take_out();
            done.rows.superseded += older;
            done.rows.inserted -= older;
            lacks->drop();
        }
    } else if (read.files.size() > 1) {
        done.ddl.push_back(index_files(stream));
    }
}

bool has_file_index(const project::stream &stream) {
    return pg::sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON "
                   "a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = $1::regclass AND "
                   "a.attname = '_baro_file')",
                   {table_of(stream)})
        .yes(0, 0);
}

/// A row belongs to its file: those of the files that were read from their beginning are replaced, and the same row of
/// another file stays.
void replace_files(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                   const load::refuse_row &refuse, merged &done) {
    if (found.files.size() > 1 && !has_file_index(stream) && pg::relation_kind(stream.tap, stream.name) == 'r')
        done.ddl.push_back(index_files(stream));
    std::vector<std::string> ids, compared = names_of(read.columns);
    for (std::size_t i = 0; i < read.files.size(); ++i)
        if (!read.files[i].prefix)
            ids.push_back(std::to_string(done.file_ids[i]));
    compared.push_back("_baro_file");
    const std::string scope =
        why.full_refresh ? "" : "x._baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(ids) + ")";
    const bool in_heap = pg::rows_elsewhere(pg::oid_of(table_of(stream))).empty();
    done.rows = (in_heap ? load::merge_by_content : load::merge_by_copy)(table_of(stream), read.table, compared,
                                                                         {"_baro_line"}, scope, refuse);
}

/// When files are read again because their reading changed: a row that none of them gives any more, because a file was
/// written anew since it was loaded, or its key reads otherwise now, would keep its old meaning.
void refuse_left_over(const project::stream &stream, const discovered &found, const staged &read) {
    std::vector<std::string> ids;
    for (const auto &[path, entry] : found.known.files)
        if (!entry.reading.empty())
            ids.push_back(std::to_string(entry.id));
    const std::int64_t rows = load::count_absent(table_of(stream), read.table, names_of(read.columns),
                                                 types_of(read.columns), stream.key_properties, ids);
    if (rows == 0)
        return;
    throw error(sqlstate::contract,
                shown(stream) + ": its files are to be read otherwise than before, and " + std::to_string(rows) +
                    (rows == 1 ? " row of its table is" : " rows of its table are") + " in none of them any more",
                "A file was written anew after it was loaded, or the key of its records is read otherwise now. The "
                "rows would keep their old meaning beside the new one.",
                "Put the keys of the stream back as they were. To keep all rows as they are, and read only what comes "
                "in the new way, a superuser says:  " +
                    accept_reading(stream) + "  and the load runs again.");
}

void merge_keys(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                const load::reject_log &rejects, const load::refuse_row &refuse, merged &done) {
    const load::filled &filled = read.filled;
    std::int64_t older = 0, deleted = 0;
    if (stream.delete_absent) {
        absence lacks(stream, why, found, read, done.same, done.file_ids, rejects);
        older = lacks.take_out();
        deleted = lacks.delete_rows();
        lacks.drop();
    }
    const load::merge_order order{filled.inserted - filled.left_out - older, filled.distinct_keys,
                                  !why.full_refresh || stream.delete_absent, older == 0 ? &filled.places : nullptr};
    done.rows = load::merge_by_key(table_of(stream), read.table, names_of(read.columns), types_of(read.columns),
                                   stream.key_properties, order, refuse);
    done.rows.unchanged += filled.left_out - filled.superseded;
    done.rows.superseded += older + filled.superseded;
    done.rows.deleted += deleted;
}

void move_rows(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
               load::reject_log &rejects, merged &done) {
    std::vector<load::input_file> files = read.files;
    for (std::size_t i = 0; i < files.size(); ++i) {
        files[i].id = done.file_ids[i];
        rejects.name_file(files[i].id, files[i].file.name);
    }
    // What joins need, but for those of merge_by_key(), which knows whether there are any.
    if (stream.key_properties.empty() || stream.delete_absent || found.rereads)
        pg::project_script("ANALYZE " + read.table + " (" +
                           (stream.key_properties.empty() ? "_baro_file" : pg::column_list(stream.key_properties)) +
                           ")");
    refused_rows refused(files, read, found.listed_us, rejects);
    const load::refuse_row refuse = [&](std::int64_t file, std::int64_t line, const error &why_not) {
        refused.add(file, line, why_not);
    };
    if (stream.key_properties.empty())
        replace_files(stream, why, found, read, refuse, done);
    else
        merge_keys(stream, why, found, read, rejects, refuse, done);
    refused.finish();
    if (found.rereads && !stream.key_properties.empty())
        refuse_left_over(stream, found, read);
    pg::project_script("DROP TABLE " + read.table);
    rejects.judge(read.records);
}

/// A file that is written anew in place is empty for a moment, and then its rows are not there either.
void warn_of_emptied(const project::stream &stream, const discovered &found, const staged &read, const twins &same) {
    const std::vector<const file_plan *> plans = found.to_parse();
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const std::string &name = plans[i]->file.name;
        const auto known = found.known.files.find(same.old_paths[i].empty() ? name : same.old_paths[i]);
        if (plans[i]->prefix || read.filled.files[i].records > 0 || known == found.known.files.end() ||
            known->second.records == 0)
            continue;
        pg::warning(shown(stream) + ": file \"" + name + "\" holds no record any more, and had " +
                        std::to_string(known->second.records) + ": their rows go",
                    "If it was being written, run the tap again; \"min_age\" makes it wait for files that are written "
                    "in place.");
    }
}

} // namespace

merged merge(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
             load::reject_log &rejects) {
    merged done;
    done.table_exists = found.table_exists || !read.table.empty();
    for (const load::input_file &f : read.files)
        done.file_ids.push_back(f.id);
    done.same = find_twins(found, read);
    for (const std::string &sentence : done.same.sentences)
        why.tell(shown(stream) + ": " + sentence);
    if (found.rereads && !reads_truth(stream, found, done.same))
        refuse_gone(stream, found, done.same);
    // Most loads find nothing to do. A table that was not there was made by this transaction.
    const bool writes = !read.files.empty() || !done.same.doubled.empty() || found.rereads || why.full_refresh;
    if (found.table_exists) {
        if (writes || stream.spread.is_said())
            pg::claim_relation(stream.tap, stream.name, pg::claim_lock::writes);
        if (const std::string sql = registry::keep_spread(shown(stream), stream.spread, stream.tap, stream.name);
            !sql.empty())
            done.ddl.push_back(sql);
    } else if (!read.table.empty() && !read.in_place) {
        done.ddl.push_back(create_table(stream, read.columns));
        for (const std::string &sql : prepare_table(stream, why))
            done.ddl.push_back(sql);
    }
    if (read.table.empty()) {
        if (found.table_exists) {
            if (stream.delete_absent && !read.files.empty()) {
                done.rows.deleted = absence(stream, why, found, read, done.same, done.file_ids, rejects).delete_rows();
            } else {
                refuse_losses(stream, why, found, read, done.same);
                delete_rows(stream, why, done);
            }
        }
    } else if (read.in_place) {
        finish_table(stream, why, found, read, rejects, done);
    } else {
        alter_table(stream, read.wanted);
        if (!read.wanted.sql.empty())
            done.ddl.push_back(read.wanted.sql);
        if (!stream.delete_absent) // which looks at all rows
            refuse_losses(stream, why, found, read, done.same);
        done.file_ids = recover_ids(stream, found, read, done.same);
        if (found.is_adopted && stream.key_properties.empty())
            recognise_rows(stream, why, read);
        move_rows(stream, why, found, read, rejects, done);
        if (found.rereads)
            check_hashed(stream, pg::columns_of(stream.tap, stream.name), found.known.hashed);
    }
    if (stream.key_properties.empty() && !why.full_refresh) {
        warn_of_emptied(stream, found, read, done.same);
        done.rows.deleted += delete_doubled(stream, why, done.same);
    }
    return done;
}

} // namespace barometre::tap
