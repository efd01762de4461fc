#include "core/jinja/evaluate.h"
#include "core/name/nearest.h"

namespace barometre::jinja {

void evaluator::loop(const node &n) {
    list items;
    try {
        items = items_of(evaluate(n.kids[0]), meter_);
    } catch (const complaint &c) {
        fail(n.kids[0].at, c.message, c.hint);
    }
    go_through(n, std::move(items), 0);
}

void evaluator::go_through(const node &n, list items, std::int64_t depth) {
    if (n.kids.size() > 3) {
        list chosen;
        for (value &one : items) {
            const inner_frame names(*this);
            assign(n.names, one, n.at);
            if (is_true(evaluate(n.kids[3])))
                chosen.push_back(std::move(one));
        }
        items = std::move(chosen);
    }
    auto state = std::make_shared<loop_object>(&n);
    state->items = value(std::move(items));
    state->depth = depth;
    bool ended_one = false;
    for (std::size_t i = 0; i < state->all().size(); ++i) {
        const inner_frame names(*this);
        state->index = static_cast<std::int64_t>(i);
        frames_.back().names["loop"] = value(std::shared_ptr<const opaque>(state));
        assign(n.names, state->all()[i], n.at);
        try {
            block(n.kids[1]);
            ended_one = true;
        } catch (const left_round &left) {
            if (left.ends_loop)
                break;
        }
    }
    if (ended_one)
        return;
    const inner_frame names(*this); // in Jinja also where each round was left
    block(n.kids[2]);
}

value evaluator::loop_attribute(const node &n, const loop_object &l) const {
    const std::int64_t size = static_cast<std::int64_t>(l.all().size());
    if (n.text == "index" || n.text == "index0")
        return l.index + (n.text == "index");
    if (n.text == "revindex" || n.text == "revindex0")
        return size - l.index - (n.text == "revindex0");
    if (n.text == "first")
        return l.index == 0;
    if (n.text == "last")
        return l.index == size - 1;
    if (n.text == "length")
        return size;
    if (n.text == "depth" || n.text == "depth0")
        return l.depth + (n.text == "depth");
    if (n.text == "previtem" && l.index > 0)
        return l.all()[static_cast<std::size_t>(l.index - 1)];
    if (n.text == "nextitem" && l.index + 1 < size)
        return l.all()[static_cast<std::size_t>(l.index + 1)];
    if (n.text == "previtem" || n.text == "nextitem")
        return missing(n.at,
                       n.text == "previtem" ? "there is no item before the first one"
                                            : "there is no item after the last one",
                       "Test it with \"is defined\".");
    const std::string near = name::nearest(n.text, {"index", "index0", "revindex", "revindex0", "first", "last",
                                                    "length", "previtem", "nextitem", "depth", "changed", "cycle"});
    return missing(n.at, "\"loop\" has no attribute \"" + n.text + "\"",
                   near.empty() ? "" : "Did you mean \"" + near + "\"?");
}

value evaluator::loop_method(const loop_object &l, const std::string &name, parameters &p) {
    if (name == "cycle") {
        if (p.positional().empty())
            throw complaint{"\"cycle\" lacks its values", ""};
        const value chosen = p.rest(0)[static_cast<std::size_t>(l.index) % p.positional().size()];
        p.finish();
        return chosen;
    }
    if (name == "changed") {
        const value now = value::tuple(p.rest(0));
        p.finish();
        meter_.bytes((now.items().size() + 2) * sizeof(value));
        for (const value &one : now.items())
            meter_.changed(now, one);
        const bool same = !l.last.is(value::kind::none) && equal(l.last, now, meter_);
        l.last = now;
        return !same;
    }
    throw complaint{"\"loop." + name + "\" is not known here", "Of loop, cycle() and changed() are called."};
}

/// loop(items), in a loop that says `recursive`: the text of the same loop over others.
value evaluator::loop_again(const loop_object &l, parameters &p) {
    list items = items_of(p.required(0, "iterable"), meter_);
    p.finish();
    if (l.of->text != "recursive")
        throw complaint{"the loop can't call itself", "Write {% for ... in ... recursive %}."};
    return captured([&] { go_through(*l.of, std::move(items), l.depth + 1); });
}

} // namespace barometre::jinja
