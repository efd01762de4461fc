#include "core/sql/widening.h"

#include <gtest/gtest.h>

using namespace barometre;
using sql::widening;

TEST(SqlWidening, OfLengths) {
    EXPECT_EQ(sql::widens_to("character varying(3)", "character varying(6)"), widening::in_place);
    EXPECT_EQ(sql::widens_to("character varying(3)", "character varying"), widening::in_place);
    EXPECT_EQ(sql::widens_to("character varying(3)", "text"), widening::in_place);
    EXPECT_EQ(sql::widens_to("character varying(3)", "character varying(3)"), widening::none);
    EXPECT_EQ(sql::widens_to("character varying(6)", "character varying(3)"), widening::none);
    EXPECT_EQ(sql::widens_to("character varying", "character varying(3)"), widening::none);
    EXPECT_EQ(sql::widens_to("text", "character varying"), widening::none);
    EXPECT_EQ(sql::widens_to("character(3)", "character(6)"), widening::rewritten);
    EXPECT_EQ(sql::widens_to("character(3)", "text"), widening::none);
    EXPECT_EQ(sql::widens_to("bit varying(3)", "bit varying(6)"), widening::in_place);
    EXPECT_EQ(sql::widens_to("bit(3)", "bit(6)"), widening::none);
    EXPECT_EQ(sql::widens_to("character varying(3)[]", "character varying(6)[]"), widening::rewritten);
    EXPECT_EQ(sql::widens_to("character varying(3)[]", "text"), widening::none);
}

TEST(SqlWidening, OfNumbersAndTimes) {
    EXPECT_EQ(sql::widens_to("numeric(6,2)", "numeric(8,2)"), widening::in_place);
    EXPECT_EQ(sql::widens_to("numeric(6,2)", "numeric"), widening::in_place);
    EXPECT_EQ(sql::widens_to("numeric(6,2)", "numeric(8,4)"), widening::rewritten);
    EXPECT_EQ(sql::widens_to("numeric(6,2)", "numeric(7,4)"), widening::none);
    EXPECT_EQ(sql::widens_to("numeric(6,2)", "numeric(9,1)"), widening::none);
    EXPECT_EQ(sql::widens_to("numeric(3,-2)", "numeric(4,-2)"), widening::in_place);
    EXPECT_EQ(sql::widens_to("numeric", "numeric(8,2)"), widening::none);
    EXPECT_EQ(sql::widens_to("timestamp(3) without time zone", "timestamp without time zone"), widening::in_place);
    EXPECT_EQ(sql::widens_to("timestamp(3) without time zone", "timestamp(6) with time zone"), widening::none);
    EXPECT_EQ(sql::widens_to("interval(2)", "interval(4)"), widening::rewritten);
}

TEST(SqlWidening, OfOthers) {
    EXPECT_EQ(sql::widens_to("integer", "bigint"), widening::none);
    EXPECT_EQ(sql::widens_to("s.\"my(type)\"(3)", "s.\"my(type)\"(6)"), widening::none);
    EXPECT_TRUE(sql::is_string("character varying(3)"));
    EXPECT_TRUE(sql::is_string("text"));
    EXPECT_FALSE(sql::is_string("text[]"));
    EXPECT_EQ(sql::without_collation("text COLLATE pg_catalog.\"C\""), "text");
}
