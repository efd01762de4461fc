#include "tap/left_out.h"
#include "core/text/text.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "tap/read_again.h"
#include "tap/skipping.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

/// Whether an earlier load left out this file, under its name or one that is gone. An inode number is used again, so
/// that it may be another one: then files are read again without need, and the one that is gone stays known.
bool was_left_out(const file_plan &plan, const discovered &found) {
    if (found.known.left_out.count(plan.file.name))
        return true;
    return plan.id == 0 && std::any_of(found.not_there.begin(), found.not_there.end(), [&](const std::string &path) {
               return found.known.left_out.at(path).inode == plan.file.state.inode;
           });
}

/// Files that are gone and come after that one, and whose rows would count if they could be read again.
std::vector<std::string> gone_after(const file_plan &first, bool by_name, const discovered &found) {
    std::vector<std::string> out;
    for (const std::string &path : found.gone) {
        const ledger_entry &entry = found.known.files.at(path);
        const bool is_later =
            by_name ? path > first.file.name
                    : std::pair(entry.state.mtime_us, path) > std::pair(first.file.state.mtime_us, first.file.name);
        if (is_later && entry.records > 0)
            out.push_back(path);
    }
    return out;
}

} // namespace

void retry_left_out(const project::stream &stream, const purpose &why, bool order_counts, discovered &found) {
    if (found.known.left_out.empty() || why.only_shows())
        return;
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < found.files.size(); ++i) {
        file_plan &plan = found.files[i];
        if (!was_left_out(plan, found))
            continue;
        found.retried.push_back(plan.file.name);
        if (plan.action != file_action::parse) {
            plan.action = file_action::parse;
            plan.prefix.reset();
            plan.records = 0;
        }
        if (!first)
            first = i;
    }
    if (!first || !order_counts)
        return;
    const std::size_t before = found.to_parse().size();
    read_again_from(found.files, *first + 1);
    found.read_again = found.to_parse().size() - before;
    found.out_of_turn = gone_after(found.files[*first], stream.name == all_streams, found);
}

void refuse_to_leave_out(const project::stream &stream, const purpose &why, const discovered &found) {
    const bool has_rows = found.table_exists || stream.name == all_streams;
    for (const file_plan &plan : found.left_out) {
        error e = *why.skips->why(plan.file.name);
        const auto refuse = [&](const std::string &because) {
            text::append(e.detail, because, "\n");
            throw e;
        };
        if (plan.id != 0 && why.full_refresh && has_rows)
            refuse(
                "A full refresh can't go without a file that was loaded before: it would take away the file's rows.");
        if (plan.id != 0 && found.rereads)
            refuse("What the project says of how files are read has changed, and a file that was loaded before can't "
                   "be left out: its rows would keep their old meaning.");
        if (has_rows && !found.is_adopted && !found.known.complete && stream.key_properties.empty() &&
            stream.name != all_streams)
            refuse("barometre.file lacks files that were loaded: a file that is left out now can't be told from them "
                   "later, and would be loaded a second time.");
    }
}

void record_left_out(const project::stream &stream, const purpose &why, const discovered &found) {
    if (found.known.left_out.empty() && found.left_out.empty())
        return;
    std::vector<std::string> path, inode, state, message, hint, tried = found.retried;
    for (const seen_file &f : found.others.forgotten) // nothing of it will be loaded
        tried.push_back(f.file.name);
    std::vector<std::string> ended = tried;
    std::vector<run::step> steps;
    const std::string of = stream.name == all_streams ? stream.tap : name_of(stream);
    for (const file_plan &plan : found.left_out) {
        const error &e = *why.skips->why(plan.file.name);
        path.push_back(plan.file.name);
        inode.push_back(std::to_string(plan.file.state.inode));
        state.push_back(e.sqlstate);
        message.push_back((e.message.find('"' + of + '"') == std::string::npos ? shown(stream) + ": " : "") +
                          e.message);
        hint.push_back(hint_of_left_out(e));
        run::step step;
        step.kind = "file";
        step.name = of + " " + plan.file.name;
        step.status = "failed";
        step.sqlstate = e.sqlstate;
        step.message = message.back();
        steps.push_back(std::move(step));
    }
    ended.insert(ended.end(), path.begin(), path.end());
    const std::string run = std::to_string(why.run);
    pg::as_extension([&] {
        pg::sql("DELETE FROM barometre.reject AS r USING barometre_internal.left_out AS l, unnest($3::text[]) AS x "
                "(path) WHERE l.tap = $1 AND l.stream = $2 AND l.path = x.path AND r.tap = l.tap AND (r.stream = "
                "l.stream OR l.stream = '*') AND r.file = l.path AND r.run = l.run AND r.run <> $4::bigint",
                {stream.tap, stream.name, pg::array_literal(ended), run});
        pg::sql("DELETE FROM barometre_internal.left_out AS l USING unnest($3::text[]) AS x (path) WHERE l.tap = $1 "
                "AND l.stream = $2 AND l.path = x.path",
                {stream.tap, stream.name, pg::array_literal(tried)});
        pg::sql(
            "UPDATE barometre_internal.left_out AS l SET is_there = l.path <> ALL ($3::text[]) WHERE l.tap = $1 AND "
            "l.stream = $2 AND l.is_there IS DISTINCT FROM l.path <> ALL ($3::text[])",
            {stream.tap, stream.name, pg::array_literal(found.not_there)});
        pg::sql(
            "INSERT INTO barometre_internal.left_out AS l (tap, stream, path, inode, run, since, sqlstate, message, "
            "hint, is_there) SELECT $1, $2, f.path, f.inode, $3::bigint, clock_timestamp(), f.state, f.message, "
            "nullif(f.hint, ''), true FROM unnest($4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[]) AS "
            "f (path, inode, state, message, hint) ON CONFLICT (tap, stream, path) DO UPDATE SET inode = "
            "excluded.inode, run = excluded.run, sqlstate = excluded.sqlstate, message = excluded.message, hint = "
            "excluded.hint, is_there = true",
            {stream.tap, stream.name, run, pg::array_literal(path), pg::array_literal(inode), pg::array_literal(state),
             pg::array_literal(message), pg::array_literal(hint)});
    });
    if (why.skips)
        why.skips->tell(std::move(steps));
    if (found.read_again > 0)
        why.tell(shown(stream) + ": " + std::to_string(found.read_again) +
                 (found.read_again == 1 ? " file was read again, which comes" : " files were read again, which come") +
                 " after " + text::first_of(found.retried, 3) + ", without which " +
                 (found.read_again == 1 ? "it was" : "they were") + " loaded");
    if (!found.out_of_turn.empty() && !why.is_silent())
        pg::warning(shown(stream) +
                        ": files that come after one which was left out before are gone, and can't be read "
                        "again: " +
                        text::first_of(found.out_of_turn, 5),
                    "Where they had records with its keys, those of the file that was left out count now. If that is "
                    "wrong, put the files back, and load the stream with  full_refresh => true.");
}

} // namespace barometre::tap
