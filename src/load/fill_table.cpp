#include "load/fill_table.h"
#include "core/csv/kept_buffer.h"
#include "load/hints.h"
#include "load/record_input.h"
#include "pg/bulk_insert.h"
#include "pg/reader_thread.h"

#include <algorithm>

namespace barometre::load {

namespace {

/// The work of the reader thread: all files, in order. Calls nothing of the server.
class files_reader {
public:
    files_reader(pg::reader_thread::outlet &out, const std::vector<planned_column> &columns, pg::row_packer &packer,
                 found_types *found, filled &done, bool past_unreadable)
        : out_(out), columns_(columns), packer_(packer), found_(found), done_(done), past_unreadable_(past_unreadable) {
    }

    void read(const std::vector<input_file> &inputs) {
        const csv::kept_buffer buffer; // from file to file
        batch_ = out_.next_batch();
        std::uint64_t before = 0; // bytes of the files that are done
        for (const input_file &input : inputs) {
            if (past_unreadable_)
                try_file(input, before);
            else
                read_file(input, before);
            before += static_cast<std::uint64_t>(done_.files.back().bytes);
        }
        batch_->read_bytes = done_.wider ? 0 : before; // what was only looked at counts as not read
        out_.put(std::move(batch_));
    }

private:
    void try_file(const input_file &input, std::uint64_t before) {
        try {
            read_file(input, before);
        } catch (const error &e) {
            if (e.ends_all())
                throw;
            done_.unreadable.emplace_back(input.file.name, e);
            done_.files.emplace_back();
            done_.files.back().records = -1; // nobody knows
            if (!batch_)
                batch_ = out_.next_batch();
        }
    }

    void read_file(const input_file &input, std::uint64_t before) {
        const std::unique_ptr<record_input> opened = input.format->open(input);
        record_input &reading = *opened;
        reading.call_fields(input.names);
        packer_.take_from(input.sources);
        file_content held;
        reading.on_bad = [&](pg::reject bad) {
            ++held.records;
            add_reject(input, std::move(bad));
            if (batch_->full())
                send(input, reading, before);
        };
        try {
            while ((input.most == 0 || held.records < input.most) && reading.next()) {
                ++held.records;
                done_.wider |= reading.header().size() > input.header.size();
                if (done_.wider) {
                    if (found_)
                        found_->see(reading.fields(), input.sources);
                    continue;
                }
                put(input, reading);
                if (batch_->full())
                    send(input, reading, before);
            }
        } catch (const pg::reader_thread::stopped &) {
            throw;
        } catch (...) {
            out_.put(std::move(batch_)); // what came before is told first
            throw;
        }
        reading.check_unchanged();
        held.header = reading.header();
        held.types = reading.types();
        held.bytes = static_cast<std::int64_t>(reading.bytes());
        held.blank = static_cast<std::int64_t>(reading.blank_lines());
        held.hash = reading.hash();
        held.unpacked = reading.unpacked_hash();
        done_.files.push_back(held);
    }

    void put(const input_file &input, record_input &reading) {
        using outcome = pg::row_packer::outcome;
        const auto &fields = reading.fields();
        const outcome what = packer_.put(fields, reading.has_margins(), input.id, reading.line(), *batch_);
        if (what == outcome::packed)
            return;
        if (found_ && found_->see(fields, input.sources)) {
            done_.wider = true; // all is read again, so this row may go
            if (what != outcome::refused)
                batch_->rows.pop_back();
            return;
        }
        // A value that the server would read, but not as it is written: 007 as 7.
        const std::optional<std::size_t> misfit =
            found_ && what != outcome::refused ? found_->misfit(fields, input.sources) : std::nullopt;
        if (misfit)
            batch_->rows.pop_back();
        else if (what == outcome::text)
            (batch_->origins.back() = reading.origin()).file = input.id;
        if (!misfit && what != outcome::refused)
            return;
        const std::size_t column = misfit ? *misfit : packer_.at_column();
        const record::field &f = pg::field_at(fields, input.sources[column]);
        pg::reject refused = reading.origin();
        refused.column = static_cast<int>(column);
        refused.sqlstate = misfit ? "22P02" : packer_.sqlstate();
        refused.in_key = f.is_null;
        const bool hide = input.format->hides_values || columns_[column].md5;
        if (f.is_null) {
            const std::string name = "column \"" + columns_[column].name + "\"";
            refused.reason = columns_[column].spreads ? name + ", by which the table is distributed, is empty"
                                                      : "key " + name + " is empty";
            if (columns_[column].spreads)
                refused.hint = "Correct the file, or distribute the table by another column";
        } else {
            const auto fault = misfit ? value::fault::none : packer_.fault();
            refused.reason = pg::describe_value(hide ? std::nullopt : std::optional(f.text), columns_[column].type) +
                             clause_for(columns_[column], fault, input.format->date_order);
            refused.hint = hint_for(columns_[column], fault, f.text);
        }
        add_reject(input, std::move(refused));
    }

    void add_reject(const input_file &input, pg::reject refused) {
        if (done_.wider) // counted when all is read again
            return;
        refused.file = input.id;
        batch_->rejects.push_back(std::move(refused));
    }

    void send(const input_file &input, const record_input &reading, std::uint64_t before) {
        // Of a compressed file the place is that in its content, and sizes are those of files.
        const bool is_packed = input.format->coding().packed != bytes::compression::none;
        batch_->read_bytes = before + (is_packed ? 0 : reading.consumed());
        out_.put(std::move(batch_));
        batch_ = out_.next_batch();
    }

    pg::reader_thread::outlet &out_;
    const std::vector<planned_column> &columns_;
    pg::row_packer &packer_;
    found_types *found_;
    filled &done_;
    const bool past_unreadable_;
    std::unique_ptr<pg::row_batch> batch_;
};

} // namespace

filled fill_table(const std::string &schema, const std::string &table, const std::vector<planned_column> &columns,
                  const std::vector<input_file> &inputs, found_types *found, reject_log &rejects,
                  const std::string &target, bool ascends, bool past_unreadable) {
    std::vector<pg::insert_column> targets;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const planned_column &c = columns[i];
        targets.push_back(
            {c.name, c.type, c.md5, c.required, found && found->has(i), found && found->has_unseen(i), {}, c.decimal});
        targets.back().utc = c.utc;
        targets.back().order = inputs.empty() ? value::date_order::none : inputs.front().format->date_order;
        for (const std::string &format : c.formats)
            targets.back().formats.emplace_back(format);
    }
    std::int64_t total = 0, unread = 0;
    for (const input_file &input : inputs) {
        total += input.file.state.size;
        unread += input.file.state.size - static_cast<std::int64_t>(input.prefix ? input.prefix->bytes : 0);
    }

    // What is not read yet can't have more records than its bytes allow.
    const bool packed = std::any_of(inputs.begin(), inputs.end(), [](const input_file &f) {
        return f.format->coding().packed != bytes::compression::none;
    });
    std::size_t least = SIZE_MAX;
    for (const input_file &input : inputs)
        least = input.header.empty() ? least : std::min(least, input.format->least_size(input.header.size()));
    least = least == SIZE_MAX ? 1 : least;
    auto most_records = [&](std::int64_t bytes, std::int64_t records) {
        return packed ? INT64_MAX
                      : records + std::max<std::int64_t>(0, total - bytes) / static_cast<std::int64_t>(least) + 1;
    };

    filled done;
    std::int64_t read = 0;
    pg::bulk_insert into(schema, table, targets, total);
    into.hide_values = !inputs.empty() && inputs.front().format->hides_values;
    auto packer = into.packer();
    if (!target.empty())
        into.leave_out_rows_of(target, ascends ? packer->key_column() : -1, unread);
    pg::reader_thread reader([&](pg::reader_thread::outlet &out) {
        files_reader(out, columns, *packer, found, done, past_unreadable).read(inputs);
    });
    while (auto batch = reader.take()) {
        into.insert(*batch);
        for (pg::reject &r : batch->rejects) {
            if (r.column >= 0)
                r.column_name = columns[static_cast<std::size_t>(r.column)].name;
            rejects.add(std::move(r));
        }
        read += static_cast<std::int64_t>(batch->rows.size() + batch->rejects.size());
        const auto read_bytes = static_cast<std::int64_t>(batch->read_bytes);
        reader.give_back(std::move(batch));
        if (into.is_lost()) {
            done.lost = true;
            break;
        }
        if (rejects.is_full(most_records(read_bytes, read))) {
            done.stopped = true;
            rejects.stop();
            break;
        }
    }
    reader.stop(); // `done` and the packer are its own up to here
    for (std::size_t i = 0; i < done.files.size() && !done.wider; ++i)
        rejects.know_records(inputs[i].file.name, done.files[i].records);
    done.distinct_keys = packer->keys_ascended();
    done.left_out = into.left_out();
    done.superseded = into.superseded();
    done.places = into.places();
    done.inserted = into.inserted();
    into.finish();
    done.has_key = into.has_key();
    return done;
}

} // namespace barometre::load
