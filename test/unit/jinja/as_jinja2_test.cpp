#include "core/error.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace barometre;

namespace {

std::string unescaped(const std::string &text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    return out;
}

} // namespace

/// Random templates of test/jinja2/generate.py, and what Jinja2 made of them.
TEST(TemplateAsJinja2, RandomTemplatesPrintTheSame) {
    std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../jinja2/templates.txt");
    int count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const std::size_t tab = line.find('\t');
        ASSERT_NE(tab, std::string::npos);
        const std::string source = unescaped(line.substr(0, tab));
        jinja::callbacks calls;
        std::string got;
        try {
            got = jinja::render_lines(source, "m.sql", calls).text;
        } catch (const error &e) {
            got = "error: " + e.message;
        }
        EXPECT_EQ(got, unescaped(line.substr(tab + 1))) << source;
    }
    EXPECT_GT(count, 500);
}
