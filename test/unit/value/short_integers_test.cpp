#include "core/record/field.h"
#include "core/value/short_integers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <random>
#include <string>

using namespace barometre;
using namespace barometre::value;

namespace {

/// A text with its margins and nothing else, as AddressSanitizer sees to it; around it lies what it is not.
class lone_text {
public:
    lone_text(const std::string &text, char around)
        : size_(text.size()), bytes_(new char[record::margin_before + std::max(size_, record::margin_after)]) {
        std::fill_n(bytes_.get(), record::margin_before + std::max(size_, record::margin_after), around);
        std::copy(text.begin(), text.end(), bytes_.get() + record::margin_before);
    }
    std::string_view view() const { return {bytes_.get() + record::margin_before, size_}; }

private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

std::optional<std::int64_t> expected_of(const std::string &text, bool canonical) {
    const std::string digits = text.substr(text.starts_with('-'));
    std::int64_t n = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    if (digits.empty() || digits.size() > 8 || digits[0] == '-' || failure != std::errc() ||
        end != digits.data() + digits.size() || (canonical && digits.size() > 1 && digits[0] == '0'))
        return std::nullopt;
    return text.starts_with('-') ? -n : n;
}

void read_each_way(const std::string (&texts)[4], const bool (&null)[4], char around) {
    for (const bool canonical : {false, true}) {
        const digit_places &how = canonical ? canonical_integer : any_integer;
        std::int64_t numbers[4];
        bool are_all = true;
        for (int i = 0; i < 4; ++i) {
            const auto number = null[i] ? std::optional<std::int64_t>(0) : expected_of(texts[i], canonical);
            are_all &= number.has_value() && (null[i] || !texts[i].starts_with('-'));
            numbers[i] = number.value_or(-1);
            if (null[i] || texts[i].empty())
                continue;
            const lone_text text(texts[i], around);
            std::int64_t got = 0;
            ASSERT_EQ(read_short(text.view(), how, got), number.has_value()) << texts[i] << " of " << canonical;
            ASSERT_EQ(got, number.value_or(0)) << texts[i];
        }
        const lone_text lone[] = {{null[0] ? "" : texts[0], around},
                                  {null[1] ? "" : texts[1], around},
                                  {null[2] ? "" : texts[2], around},
                                  {null[3] ? "" : texts[3], around}};
        const char *ends[4];
        std::size_t sizes[4];
        for (int i = 0; i < 4; ++i) {
            const std::string_view view = lone[i].view();
            ends[i] = view.data() + view.size();
            sizes[i] = null[i] ? digit_places::no_text : view.size();
        }
        if (std::any_of(sizes, sizes + 4, [](std::size_t n) { return n > digit_places::no_text; }))
            continue;
        char wide[4 * 8], narrow[4 * 4];
        const std::string all = texts[0] + " " + texts[1] + " " + texts[2] + " " + texts[3];
        ASSERT_EQ(read_four<std::int64_t>(ends, sizes, how, wide), are_all) << all;
        ASSERT_EQ(read_four<std::int32_t>(ends, sizes, how, narrow), are_all) << all;
        for (int i = 0; i < 4 && are_all; ++i) {
            std::int64_t one;
            std::int32_t other;
            std::memcpy(&one, wide + 8 * i, sizeof one);
            std::memcpy(&other, narrow + 4 * i, sizeof other);
            ASSERT_EQ(one, numbers[i]) << all;
            ASSERT_EQ(other, numbers[i]) << all;
        }
    }
}

} // namespace

TEST(ShortIntegers, AreReadAsTheyAreOneByOne) {
    std::mt19937 random(7);
    const std::string others = "+-./:,; \xB0\xFF";
    for (int i = 0; i < 60'000; ++i) {
        std::string texts[4];
        bool null[4];
        for (int k = 0; k < 4; ++k) {
            null[k] = random() % 8 == 0;
            texts[k].resize(random() % 40 == 0 ? random() % 16 : 1 + random() % 8);
            for (char &c : texts[k])
                c = static_cast<char>('0' + random() % (random() % 4 == 0 ? 2 : 10));
            if (!texts[k].empty() && random() % 16 == 0)
                texts[k][random() % texts[k].size()] = others[random() % others.size()];
            if (!texts[k].empty() && random() % 12 == 0)
                texts[k][0] = '-';
        }
        read_each_way(texts, null, "09,\xFF"[random() % 4]);
        if (HasFatalFailure())
            return;
    }
}

TEST(ShortIntegers, EachByteThatIsNoDigitIsFound) {
    for (std::size_t size = 1; size <= 8; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int c = 0; c < 256; ++c) {
                std::string texts[] = {"1", "12345678", std::string(size, '1'), "0"};
                texts[2][at] = static_cast<char>(c);
                read_each_way(texts, {false, false, false, false}, '7');
                if (HasFatalFailure())
                    return;
            }
}
