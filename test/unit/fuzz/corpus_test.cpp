// What fuzzing found, and the inputs with which it begins, for each target.

#include "../../fuzz/targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace barometre;

namespace {

class Corpus : public testing::TestWithParam<fuzz::target> {};

TEST_P(Corpus, IsReadOrRefused) {
    const auto folder = std::filesystem::path(__FILE__).parent_path() / "../../fuzz/corpus" / GetParam().name;
    std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(folder), {});
    std::sort(files.begin(), files.end());
    ASSERT_FALSE(files.empty()) << folder;
    for (const auto &file : files) {
        std::ifstream in(file, std::ios::binary);
        const std::vector<char> input{std::istreambuf_iterator<char>(in), {}};
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_NO_THROW(GetParam().run({input.data(), input.size()})) << file;
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << file;
    }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(fuzz::targets().begin(), fuzz::targets().end()),
                         [](const auto &one) { return std::string(one.param.name); });

} // namespace
