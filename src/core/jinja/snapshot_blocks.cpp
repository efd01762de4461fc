#include "core/jinja/snapshot_blocks.h"
#include "core/error.h"
#include "core/jinja/parser.h"
#include "core/python/text.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

bool is_blank(const std::string &text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return python::is_space(c); });
}

/// The byte of `source` at a position, which is never inside a newline.
std::size_t offset_of(const std::string &source, const position &at) {
    position here;
    std::size_t i = 0;
    for (; i < source.size(); ++i) {
        const char c = source[i];
        if ((static_cast<unsigned char>(c) & 0xC0) == 0x80)
            continue;
        if (here.line == at.line && here.column == at.column)
            break;
        if (c == '\r' && i + 1 < source.size() && source[i + 1] == '\n')
            continue;
        if (c == '\n' || c == '\r') {
            ++here.line;
            here.column = 1;
        } else {
            ++here.column;
        }
    }
    return i;
}

/// Reads a file as blocks of snapshots alone. Their insides are parsed only to find their ends and their mistakes.
class snapshot_file : public parser {
public:
    snapshot_file(const std::string &source, const std::string &file)
        : parser(tokenize(source, file, false)), source_(source) {}

    std::vector<snapshot_block> blocks() {
        std::vector<snapshot_block> out;
        while (now().what != token::kind::end) {
            if (now().what == token::kind::data && is_blank(now().text)) {
                take();
                continue;
            }
            const position at = now().at;
            if (take().what != token::kind::open_block || !is_word("snapshot"))
                fail(at, "a file of snapshots can have nothing but snapshots",
                     "Put it between \"{% snapshot name %}\" and \"{% endsnapshot %}\".");
            out.push_back(block(at));
        }
        return out;
    }

private:
    snapshot_block block(const position &at) {
        const token opened = take();
        snapshot_block out{.name = expect_name("a snapshot"), .line = at.line, .source = {}};
        position from = now().at;
        close_block();
        std::size_t begin = offset_of(source_, from);
        const std::size_t tag = source_[begin] == '%' ? 2 : 3; // -%} trims
        begin += tag;
        from.column += static_cast<int>(tag);
        const node inside = block_until({"endsnapshot"}, &opened);
        const std::size_t end = offset_of(source_, tokens_[at_ - 1].at);
        take();
        if (now().what == token::kind::name) // {% endsnapshot name %}
            take();
        close_block();
        if (std::all_of(inside.kids.begin(), inside.kids.end(),
                        [](const node &n) { return n.what == node::kind::data && is_blank(n.text); }))
            fail(at, "snapshot \"" + out.name + "\" has no SQL");
        out.source = std::string(static_cast<std::size_t>(from.line - 1), '\n') +
                     std::string(static_cast<std::size_t>(from.column - 1), ' ') + source_.substr(begin, end - begin);
        return out;
    }

    const std::string &source_;
};

} // namespace

std::vector<snapshot_block> snapshot_blocks(const std::string &source, const std::string &file) {
    return snapshot_file(source, file).blocks();
}

bool is_reference(const std::string &text) {
    try {
        const parsed whole = parse("{{ " + text + " }}", "");
        const std::vector<node> &all = whole.root.kids;
        if (all.size() != 1 || all[0].what != node::kind::print || all[0].kids[0].what != node::kind::call)
            return false;
        const node &called = all[0].kids[0].kids[0];
        return called.what == node::kind::name && (called.text == "ref" || called.text == "source");
    } catch (const error &) {
        return false; // not even a template
    }
}

} // namespace barometre::jinja
