#pragma once

#include "pg/pg.h"

namespace barometre::pg {

/// Plans of statements with parameters, whose text is mostly the same each time: planning a look into the catalogs
/// takes longer than the look. The server makes a plan anew by itself when something that it rests on changes. Of very
/// many the one goes that was not used for longest: texts that name a staging table never come again.
class plan_cache {
    struct entry {
        std::string statement;
        SPIPlanPtr plan;
        int users;
    };

public:
    /// A plan while it is used: what it runs may ask for others meanwhile, and one that is used must stay.
    class use {
    public:
        use() = default;
        explicit use(entry *of) : of_(of) { ++of_->users; }
        use(use &&other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        ~use() {
            if (of_)
                --of_->users;
        }
        SPIPlanPtr plan() const { return of_ ? of_->plan : nullptr; }

    private:
        entry *of_ = nullptr;
    };

    /// Nothing for a statement without parameters.
    use plan_of(const std::string &statement, std::vector<Oid> &types);

private:
    void make_room();

    static constexpr std::size_t most = 128;
    std::list<entry> entries_; ///< the one that was used last is the first
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_text_;
};

} // namespace barometre::pg
