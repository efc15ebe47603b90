// SPDX-License-Identifier: Apache-2.0
// Properties of a DRAM: a row each.
#include "dram_node.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "vp/dt_rows.hpp"

namespace vp {

namespace {

struct count_row {
    const char *name;
    std::uint32_t dram_config::*value;
};

constexpr count_row count_rows[] = {
#define DRAM_COUNT(name, ...) {#name, &dram_config::name},
#include "dram/dram.def"
};

struct time_row {
    const char *name;
    std::uint64_t dram_config::*value;
};

constexpr time_row time_rows[] = {
#define DRAM_TIME(name, ...) {#name, &dram_config::name},
#include "dram/dram.def"
};

struct text_row {
    const char *text;
    int value;
};

constexpr text_row preset_rows[] = {
#define DRAM_PRESET(name, text, help) {text, DRAM_##name},
#include "dram/dram.def"
};

constexpr text_row policy_rows[] = {
#define DRAM_POLICY(name, text, help) {text, DRAM_##name},
#include "dram/dram.def"
};

// The property that sets a parameter: "vp,dram-row-bytes" for row_bytes, "vp,dram-trcd-ps" for
// trcd.
std::string property_of(const std::string &parameter)
{
    const bool time = std::any_of(std::begin(time_rows), std::end(time_rows),
                                  [&](const time_row &row) { return parameter == row.name; });
    return property_name("vp,dram-", parameter, time ? "-ps" : "");
}

// What the only string of `property` stands for; `otherwise` without the property.
template <std::size_t Count>
int value_of(const dt_node &node, const char *property, const text_row (&rows)[Count],
             int otherwise)
{
    const auto given = node.strings(property);
    if (given.empty())
        return otherwise;
    const auto *const found =
        std::find_if(rows, rows + Count, [&](const text_row &row) { return given[0] == row.text; });
    if (given.size() == 1 && found != rows + Count)
        return found->value;
    std::string all;
    for (const text_row &row : rows)
        all += std::string(all.empty() ? "" : ", ") + "\"" + row.text + "\"";
    node.fail(property, "must be one of " + all);
}

void read_map(const dt_node &node, dram_config &config)
{
    constexpr const char *property = "vp,dram-map";
    const std::string map = node.string(property, "");
    if (node.has(property) && !dram_parse_map(map.c_str(), config.map))
        node.fail(property, "must have row, bank, column and channel, the most significant first: "
                            "\"row:bank:column:channel\"");
}

} // namespace

std::optional<dram_config> dram_of(const dt_node &node)
{
    if (!node.has("vp,dram"))
        return std::nullopt;
    if (node.has("vp,latency-ns"))
        node.fail("vp,latency-ns", "must not be there beside vp,dram");
    dram_config config = {};
    dram_config_preset(&config,
                       static_cast<dram_preset>(value_of(node, "vp,dram", preset_rows, 0)));
    for (const count_row &row : count_rows)
        config.*row.value = node.u32(property_of(row.name).c_str(), config.*row.value);
    for (const time_row &row : time_rows)
        config.*row.value =
            node.u32(property_of(row.name).c_str(), static_cast<std::uint32_t>(config.*row.value));
    config.policy =
        static_cast<dram_policy>(value_of(node, "vp,dram-page-policy", policy_rows, config.policy));
    read_map(node, config);
    dram_error error = {};
    if (!dram_config_check(&config, &error))
        node.fail(property_of(error.field).c_str(), error.reason);
    return config;
}

} // namespace vp
