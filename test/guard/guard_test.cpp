// A module that throws and raises across the guard, for test/t/guard.sh.
#include "pg/guard.h"

#include <stdexcept>
#include <thread>

namespace pg = barometre::pg;

namespace {

int alive = 0;
struct counted {
    counted() { ++alive; }
    ~counted() { --alive; }
};

void throw_kind(int kind) {
    counted local;
    switch (kind) {
    case 0:
        throw barometre::error("BM004", "ours", "Its detail.", "Its hint.");
    case 1:
        throw std::runtime_error("a standard one");
    case 2:
        throw 42;
    case 3:
        throw std::bad_alloc();
    case 4:
        pg::call([] {
            ereport(ERROR, (errcode(ERRCODE_DIVISION_BY_ZERO), errmsg("the server's"), errdetail("Server detail."),
                            errhint("Server hint.")));
        });
        break;
    case 5:
        throw std::string(2000000, 'x');
    default:
        throw barometre::error("bad", "no SQLSTATE");
    }
}

} // namespace

extern "C" {

BARO_MODULE("guard_test", "1");

PG_FUNCTION_INFO_V1(guard_throw);
Datum guard_throw(PG_FUNCTION_ARGS) {
    return pg::entry([&]() -> Datum {
        counted outer;
        std::string text(1000, 'x');
        throw_kind(PG_GETARG_INT32(0));
        PG_RETURN_NULL();
    });
}

// An error of the server's, caught in C++: what it said.
PG_FUNCTION_INFO_V1(guard_catch);
Datum guard_catch(PG_FUNCTION_ARGS) {
    return pg::entry([&]() -> Datum {
        std::string said;
        try {
            throw_kind(4);
        } catch (const barometre::error &e) {
            said = e.sqlstate + " " + e.message + " " + e.detail + " " + e.hint;
        }
        const char *text = said.c_str();
        return pg::call([&] { return PointerGetDatum(cstring_to_text(text)); });
    });
}

// What another thread hears that calls the server: an error of ours, before anything of the server's is touched.
PG_FUNCTION_INFO_V1(guard_thread);
Datum guard_thread(PG_FUNCTION_ARGS) {
    return pg::entry([&]() -> Datum {
        std::string said;
        bool ran = false;
        std::thread([&] {
            try {
                pg::call([&] { ran = true; });
            } catch (const barometre::error &e) {
                said = e.sqlstate + " " + e.message;
            }
        }).join();
        if (ran)
            said = "it ran";
        const char *text = said.c_str();
        return pg::call([&] { return PointerGetDatum(cstring_to_text(text)); });
    });
}

PG_FUNCTION_INFO_V1(guard_alive);
Datum guard_alive(PG_FUNCTION_ARGS) { PG_RETURN_INT32(alive); }
}
