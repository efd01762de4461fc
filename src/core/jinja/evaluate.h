#pragma once

#include "core/jinja/ast.h"
#include "core/jinja/operators.h"
#include "core/jinja/render.h"

namespace barometre::jinja {

/// The variables around a macro that is not at the top of its template, as they were when it was come to.
struct surroundings : container {
    variables names;
};

/// A macro as a value.
struct macro_object : opaque {
    const node *of;
    std::string package; ///< whose macros it calls without a prefix
    bool of_template;    ///< it is in the template itself, whose variables it sees
    std::shared_ptr<const surroundings> around{};
    macro_object(const node *of, std::string package, bool of_template = false)
        : opaque(of->text), of(of), package(std::move(package)), of_template(of_template) {}
};

/// `loop`, as it stands at one round.
struct loop_object : opaque {
    const node *of;
    std::int64_t index = 0; ///< from 0
    std::int64_t depth = 0; ///< of loops that call themselves, from 0
    value items = list();
    mutable value last{}; ///< what changed() was asked of; none: it was not
    explicit loop_object(const node *of) : opaque("loop"), of(of) {}
    const list &all() const { return items.items(); }
};

/// A name in front of functions: exceptions, adapter.
struct module_object : opaque {
    using opaque::opaque;
};

/// A name in front of macros.
struct package_object : opaque {
    using opaque::opaque;
};

/// What a function of the engine made, and is called or asked in turn: a joiner, a cycler.
struct made_object : opaque {
    using opaque::opaque;
    virtual value call(const std::string &method, parameters &p, meter &m) const = 0; ///< "": itself
    using opaque::attribute;
    virtual value attribute(const std::string &) const { return value::nothing(); }
};

/// A function of the engine.
struct function_object : opaque {
    using opaque::opaque;
};

/// The text that comes out, and for the result the lines it comes from.
class output {
public:
    explicit output(bool with_lines) : with_lines_(with_lines) { lines_.push_back(1); }
    void add(const std::string &text, int line, bool line_by_line);
    std::string text;
    std::vector<int> lines() && { return std::move(lines_); }

private:
    bool with_lines_, blank_ = true; ///< blank: the line has no other character yet
    std::vector<int> lines_;
};

/// Goes through a template once.
class evaluator {
public:
    explicit evaluator(callbacks &calls);

    rendered run(const parsed &whole);
    rendered call_macro(const std::string &name, const std::map<std::string, value> &named);

private:
    struct frame {
        std::map<std::string, value> names;
        bool closed = false;                          ///< of a macro: what called it is not seen
        bool sees_template = false;                   ///< but the template's own variables are
        std::shared_ptr<const surroundings> around{}; ///< and these before them
    };
    struct inner_frame { ///< of variables that go with a block, whatever happens
        explicit inner_frame(evaluator &e) : e_(e) { e.frames_.emplace_back(); }
        ~inner_frame() { e_.frames_.pop_back(); }
        inner_frame(const inner_frame &) = delete;
        evaluator &e_;
    };
    struct returned { ///< thrown by return()
        value what;
    };
    struct left_round { ///< thrown by break and continue
        bool ends_loop;
    };
    struct level {
        explicit level(evaluator &e, const position &at);
        ~level() { --e_.level_; }
        evaluator &e_;
    };

    // Blocks: evaluate.cpp
    void take_names(const position &at); ///< those that the callbacks give
    void block(const node &n);
    void statement(const node &n);
    void set(const node &n);
    void assign(const std::vector<std::string> &names, const value &v, const position &at);
    void assign_parts(const std::vector<std::string> &names, std::size_t &next, const value &v, const position &at);
    void call_block(const node &n);
    void with(const node &n);
    /// What is written meanwhile; lines: of each line of it.
    std::string captured(const std::function<void()> &work, std::vector<int> *lines = nullptr);
    std::string captured(const node &n, std::vector<int> *lines = nullptr) {
        return captured([&] { block(n); }, lines);
    }
    void write(const std::string &text, const position &at, bool line_by_line);

    // Expressions: evaluate.cpp
    value evaluate(const node &n); ///< may be undefined
    value expression(const node &n);
    value sure_or_left_out(const node &n);
    value sure(const node &n) { return defined(evaluate(n)); }
    value dictionary(const node &n);
    value compared(const node &n);
    value joined(const node &n);
    value tested(const node &n);
    value filtered(const node &n);
    value item(const node &n);
    value questioned(const node &n); ///< evaluate() for `is defined` and default()
    static error whole_error(const position &at, const std::string &message, const std::string &hint = {});
    value missing(const position &at, const std::string &message, const std::string &hint = {}) const {
        return value::undefined(whole_error(at, message, hint));
    }

    // Names and calls: names.cpp
    void take_overrides();
    const value *overridden(const std::string &name) const; ///< that is no macro
    value name(const node &n);
    const value *variable(const std::string &name) const;
    value unknown(const node &n);
    bool is_set_elsewhere(const node &n);
    value attribute(const node &n);
    const macro_library::macro *macro_of(const std::string &package, const std::string &name) const;
    const std::string &package() const; ///< of what is being rendered
    value call(const node &n);

    // What macros are called with: macro_call.cpp
    parameters arguments(const node &n, const std::string &function);
    std::shared_ptr<const macro_object> macro_here(const node &n);
    value run_macro(const macro_object &m, parameters &p, const position &at);

    // Loops: loops.cpp
    void loop(const node &n);
    void go_through(const node &n, list items, std::int64_t depth);
    value loop_attribute(const node &n, const loop_object &l) const;
    value loop_method(const loop_object &l, const std::string &name, parameters &p);
    value loop_again(const loop_object &l, parameters &p);

    // Functions: functions.cpp
    value call_function(const std::string &name, parameters &p);
    value call_module(const std::string &module, const std::string &name, parameters &p);
    value configure(parameters &p);
    value look_up(parameters &p);
    value rendered_variable(const std::string &name, const value &v);
    value look_up_env(parameters &p);
    value look_up_doc(parameters &p);
    value range(parameters &p);
    value make_dict(parameters &p, bool is_namespace);
    std::string quoted_name(parameters &p, std::size_t place, const char *keyword);
    value call_adapter(const std::string &name, parameters &p); ///< adapter.cpp
    value call_api(const std::string &name, parameters &p);
    static value call_column_api(const std::string &name, parameters &p);
    value dispatch(parameters &p);

    // Functions that need nothing of the project: globals.cpp
    value global_function(const std::string &name, parameters &p);
    value say(parameters &p); ///< log, print, exceptions.warn

    callbacks &calls_;
    meter meter_;
    std::vector<frame> frames_;
    const node *whole_ = nullptr;                         ///< the template, unless a macro is called by itself
    std::vector<const macro_object *> running_;           ///< from the outermost
    std::vector<std::pair<const node *, value>> callers_; ///< of calls in {% call %}: what each of them is given
    output *out_ = nullptr;
    std::vector<int> *macro_lines_ = nullptr; ///< where those of the macro that is rendered go
    int level_ = 0;
    bool quiet_ = false; ///< whether a name is there is being asked: a hint would be made for nobody
    std::map<std::string, value> configured_;               ///< by config() so far
    std::map<const node *, const value *> macro_overrides_; ///< of calls_.overrides
};

inline constexpr char no_sql_in_templates[] =
    "Templates can't run SQL or look into the database; write it into the model, or the values into vars.";

/// Functions and variables that the engine gives.
const std::vector<std::string> &given_names();
/// Whether a macro can't have that name. Those of functions it can: then the macro is what is called by it, and
/// `builtins` has the function.
bool is_reserved(const std::string &name);

} // namespace barometre::jinja
