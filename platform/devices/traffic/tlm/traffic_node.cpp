// SPDX-License-Identifier: Apache-2.0
// The node of a traffic generator: properties, lists, the file of a trace.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "traffic/traffic_trace.h"
#include "traffic_generator.hpp"
#include "vp/coding_style.hpp"
#include "vp/dt_rows.hpp"

namespace vp {

namespace {

// The property that sets a member of traffic_config: "vp,access-bytes" for access_bytes.
std::string property_of(const std::string &member)
{
    return property_name("vp,", member);
}

// --- words ---

constexpr std::array patterns = {
#define TRAFFIC_PATTERN(name, text, help) text,
#include "traffic/traffic_choices.def"
};

constexpr std::array arrivals = {
#define TRAFFIC_ARRIVAL(name, text, help) text,
#include "traffic/traffic_choices.def"
};

constexpr std::array ids = {
#define TRAFFIC_IDS(name, text, help) text,
#include "traffic/traffic_choices.def"
};

// Which of `words` the property has; `otherwise` if there is none.
template <typename Choice, typename Words>
Choice choose(const dt_node &node, const char *property, const Words &words, Choice otherwise)
{
    const std::string word = node.string(property, words[otherwise]);
    const auto *const found = std::find(words.begin(), words.end(), word);
    if (found != words.end())
        return static_cast<Choice>(found - words.begin());
    std::string wanted;
    for (const char *const each : words)
        wanted += std::string(wanted.empty() ? "" : ", ") + each;
    node.fail(property, "must be one of " + wanted);
}

// --- numbers ---

struct number_row {
    const char *name;
    std::uint64_t traffic_config::*value;
};

constexpr number_row numbers[] = {
#define TRAFFIC_PARAMETER(name, ...) {#name, &traffic_config::name},
#include "traffic/traffic_parameters.def"
#undef TRAFFIC_PARAMETER
};

// --- lists ---

std::vector<std::uint32_t> stream_ids(const dt_node &node)
{
    std::vector<std::uint32_t> list;
    for (const dt_specifier &stream : node.specifiers("iommus", "#iommu-cells")) {
        if (stream.args.empty())
            node.fail("iommus", "has an entry without a StreamID");
        list.push_back(stream.args[0]);
    }
    return list.empty() ? std::vector<std::uint32_t>{0} : list;
}

std::vector<traffic_piece> pieces(const dt_node &node)
{
    const auto cells = node.cells("vp,pieces");
    std::vector<traffic_piece> list;
    if (cells.size() % 3 != 0)
        node.fail("vp,pieces", "must be entries of three cells: two of the address, one of bytes");
    for (std::size_t i = 0; i < cells.size(); i += 3)
        list.push_back({std::uint64_t{cells[i]} << 32 | cells[i + 1], cells[i + 2]});
    return list;
}

// What is no regular file may have no end.
std::string text_of(const dt_node &node, const std::string &path)
{
    constexpr std::uintmax_t limit = 256u << 20;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        node.fail("vp,trace", path + ": is no regular file");
    if (std::filesystem::file_size(path, error) > limit)
        node.fail("vp,trace", path + ": has more than 256 MiB");
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad())
        node.fail("vp,trace", path + ": cannot be read");
    return text;
}

std::vector<traffic_record> read_trace(const dt_node &node, const std::string &path)
{
    const std::string text = text_of(node, path);
    std::size_t count = 0;
    traffic_trace_error error = {};
    const std::unique_ptr<traffic_record, void (*)(void *)> records(
        traffic_trace_parse(text.data(), text.size(), &count, &error), std::free);
    if (!records)
        node.fail("vp,trace", path + ":" + std::to_string(error.line) + ": " + error.reason);
    return std::vector<traffic_record>(records.get(), records.get() + count);
}

// The property that is behind a member that is none itself.
std::string property_behind(const std::string &member)
{
    return member == "records" ? "vp,trace" : member == "sids" ? "iommus" : property_of(member);
}

traffic_generator::options options_of(const dt_node &node)
{
    traffic_generator::options opts;
    traffic_config &config = opts.config;

    config.pattern = choose(node, "vp,pattern", patterns, TRAFFIC_SEQUENTIAL);
    config.arrival = choose(node, "vp,arrival", arrivals,
                            config.pattern == TRAFFIC_REPLAY ? TRAFFIC_RECORDED : TRAFFIC_CLOSED);
    config.ids = choose(node, "vp,ids", ids, TRAFFIC_SINGLE);
    for (const number_row &row : numbers)
        config.*row.value = node.u64(property_of(row.name).c_str(), config.*row.value);
    opts.sids = stream_ids(node);
    opts.pieces = pieces(node);
    opts.approximate = approximately_timed(node);
    if (node.has("vp,start-ns"))
        opts.start = sc_core::sc_time(node.u32("vp,start-ns"), sc_core::SC_NS);
    if (node.has("vp,trace")) {
        opts.files = {node.string("vp,trace")};
        opts.records = read_trace(node, opts.files[0]);
    }
    return opts;
}

} // namespace

std::unique_ptr<device> make_traffic_generator(const dt_node &node, const char *name)
{
    const traffic_generator::options opts = options_of(node);
    const traffic_config config = opts.whole();
    traffic_error error = {};
    if (!traffic_config_check(&config, &error))
        node.fail(property_behind(error.field).c_str(), error.reason);
    return std::make_unique<traffic_generator>(name, opts);
}

} // namespace vp
