#include "load/fill_table.h"
#include "pg/reader_thread.h"

namespace barometre::load {

namespace {

/// The reader thread's work: all files, in order. Calls nothing of the server.
void read_files(pg::reader_thread::outlet &out, const csv_format &format, const std::vector<file_job> &jobs,
                pg::row_packer &packer, found_types *found, filled &done) {
    std::unique_ptr<pg::row_batch> batch;
    if (!out.next_batch(batch))
        return;
    std::uint64_t before = 0; // bytes of the files that are done
    auto send = [&] {
        out.put(std::move(batch));
        return out.next_batch(batch);
    };
    for (const file_job &job : jobs) {
        csv_input input(job.file, format);
        if (input.names().size() != job.fields)
            throw changed_while_read(job.file);
        if (job.prefix)
            input.skip(*job.prefix);
        file_load loaded;
        try {
            while (input.next()) {
                const auto &fields = input.reader().fields();
                ++loaded.records;
                if (done.wider) {
                    found->see(fields, job.sources);
                    if (out.stopped())
                        return;
                    continue;
                }
                const bool fits =
                    packer.put(fields, job.sources, job.id, static_cast<std::int64_t>(input.reader().line()), *batch);
                if (!fits && found && found->see(fields, job.sources)) {
                    done.wider = true;
                    batch->rows.pop_back(); // its value would be refused
                }
                if (batch->full()) {
                    batch->read_bytes = before + input.reader().bytes();
                    if (!send())
                        return;
                }
            }
        } catch (...) {
            out.put(std::move(batch)); // what is wrong in the records before is told first
            throw;
        }
        input.check_unchanged();
        loaded.bytes = static_cast<std::int64_t>(input.reader().bytes());
        loaded.hash = input.reader().hash();
        before += input.reader().bytes();
        done.files.push_back(loaded);
        if (out.stopped())
            return;
    }
    batch->read_bytes = before;
    out.put(std::move(batch));
}

filled fill(const std::string &schema, const std::string &table, const csv_format &format,
            const std::vector<planned_column> &columns, const std::vector<file_job> &jobs, found_types *found,
            const std::string &target) {
    std::vector<pg::insert_column> targets;
    for (const planned_column &c : columns)
        targets.push_back({c.name, c.type, c.md5, c.required, false});
    for (std::size_t i = 0; found && i < found->open.size(); ++i)
        targets[found->open[i]].found = true;
    std::int64_t total = 0;
    for (const file_job &job : jobs)
        total += job.file.state.size;

    filled done;
    pg::bulk_insert into(schema, table, targets, total);
    try {
        auto packer = into.packer();
        if (const int key = packer->key_column(); !target.empty() && key >= 0)
            into.leave_out(pg::key_walk::open(schema, target, columns[static_cast<std::size_t>(key)].name), key);
        pg::reader_thread reader([&](pg::reader_thread::outlet &out) { read_files(out, format, jobs, *packer, found, done); });
        while (auto batch = reader.take()) {
            into.insert(*batch);
            reader.give_back(std::move(batch));
        }
        done.distinct_keys = packer->keys_ascended();
        done.left_out = into.left_out();
        into.finish();
    } catch (const pg::refused_value &refused) {
        std::string name;
        for (const file_job &job : jobs)
            if (job.id == refused.file)
                name = job.file.name;
        throw describe(refused, format, name, columns);
    }
    return done;
}

} // namespace

filled fill_table(const std::string &schema, const std::string &table, const csv_format &format,
                  const std::vector<planned_column> &columns, const std::vector<file_job> &jobs, found_types *found) {
    return fill(schema, table, format, columns, jobs, found, {});
}

filled fill_staging(const std::string &schema, const std::string &table, const csv_format &format,
                    const std::vector<planned_column> &columns, const std::vector<file_job> &jobs, const std::string &target) {
    return fill(schema, table, format, columns, jobs, nullptr, target);
}

} // namespace barometre::load
