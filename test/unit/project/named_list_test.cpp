#include "core/project/named_list.h"

#include <gtest/gtest.h>

#include <string>

namespace barometre::project {
namespace {

struct thing {
    std::string name;
    int number = 0;
};

/// So many that they are not gone through.
named_list<thing> many(int n) {
    named_list<thing> all;
    for (int i = 0; i < n; ++i)
        all.push_back({"t" + std::to_string(i), i});
    return all;
}

int number_of(const named_list<thing> &all, const std::string &name) {
    const thing *found = all.find(name);
    return found ? found->number : -1;
}

TEST(named_list, finds_each_of_few_and_of_many) {
    for (const int n : {0, 1, 8, 9, 100, 1000}) {
        const named_list<thing> all = many(n);
        for (int i = 0; i < n; ++i)
            ASSERT_EQ(number_of(all, "t" + std::to_string(i)), i) << n;
        EXPECT_EQ(number_of(all, "t" + std::to_string(n)), -1) << n;
        EXPECT_EQ(number_of(all, ""), -1) << n;
    }
}

TEST(named_list, finds_what_comes_between_two_looks) {
    named_list<thing> all;
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "t" + std::to_string(i);
        ASSERT_EQ(number_of(all, name), -1);
        all.push_back({name, i});
        ASSERT_EQ(number_of(all, name), i);
        ASSERT_EQ(number_of(all, "t0"), 0);
    }
    all.insert(all.begin(), {"first", 7});
    EXPECT_EQ(number_of(all, "first"), 7);
    EXPECT_EQ(number_of(all, "t999"), 999);
}

TEST(named_list, loses_what_goes) {
    named_list<thing> all = many(100);
    EXPECT_EQ(number_of(all, "t99"), 99);
    erase_if(all, [](const thing &one) { return one.number % 2 == 0; });
    for (int i = 0; i < 50; ++i)
        all.push_back({"u" + std::to_string(i), i}); // as many as before
    EXPECT_EQ(number_of(all, "t98"), -1);
    EXPECT_EQ(number_of(all, "t99"), 99);
    EXPECT_EQ(number_of(all, "u49"), 49);
    all.clear();
    EXPECT_EQ(number_of(all, "t99"), -1);
}

TEST(named_list, the_first_of_a_name_is_found) {
    named_list<thing> all = many(50);
    all.push_back({"t7", 1000});
    EXPECT_EQ(number_of(all, "t7"), 7);
    all.push_back({"t7", 1001});
    EXPECT_EQ(number_of(all, "t7"), 7);
}

TEST(named_list, a_copy_has_places_of_its_own) {
    named_list<thing> all = many(50);
    EXPECT_EQ(number_of(all, "t49"), 49);
    named_list<thing> copy = all;
    erase_if(all, [](const thing &one) { return one.number < 40; });
    EXPECT_EQ(number_of(copy, "t1"), 1);
    EXPECT_EQ(number_of(all, "t1"), -1);
    copy.find("t2")->number = 22;
    EXPECT_EQ(number_of(copy, "t2"), 22);
    const named_list<thing> moved = std::move(copy);
    EXPECT_EQ(number_of(moved, "t49"), 49);
}

} // namespace
} // namespace barometre::project
