// SPDX-License-Identifier: Apache-2.0
// Properties of the interconnect: a row each.
#include "bus_node.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "bus/chance.h"
#include "vp/dt_rows.hpp"

namespace vp {

namespace {

using namespace dt_units;

struct number_row {
    const char *name;
    const char *suffix;
    std::uint64_t most;
    std::uint64_t crossbar_port::*value;
};

constexpr number_row number_rows[] = {
#define BUS_PARAMETER(name, unit, most, help) {#name, unit, most, &crossbar_port::name},
#include "bus/port.def"
};

struct arbitration_row {
    const char *text;
    crossbar_arbitration value;
};

constexpr arbitration_row arbitration_rows[] = {
#define BUS_ARBITRATION(name, text, help) {text, CROSSBAR_##name},
#include "bus/port.def"
};

crossbar_arbitration arbitration(const dt_node &node, crossbar_arbitration otherwise)
{
    constexpr const char *property = "vp,bus-arbitration";
    const auto given = node.strings(property);
    if (given.empty())
        return otherwise;
    const auto *const found =
        std::find_if(std::begin(arbitration_rows), std::end(arbitration_rows),
                     [&](const arbitration_row &row) { return given[0] == row.text; });
    if (given.size() != 1 || found == std::end(arbitration_rows)) {
        std::string all;
        for (const arbitration_row &row : arbitration_rows)
            all += std::string(all.empty() ? "" : ", ") + "\"" + row.text + "\"";
        node.fail(property, "must be one of " + all);
    }
    return found->value;
}

} // namespace

crossbar_port bus_port_of(const dt_node &node, const crossbar_port &otherwise)
{
    crossbar_port port = otherwise;
    for (const number_row &row : number_rows)
        port.*row.value = number_up_to(node, property_name("vp,bus-", row.name, row.suffix),
                                       otherwise.*row.value, row.most);
    port.arbitration = arbitration(node, otherwise.arbitration);
    return port;
}

std::uint32_t cached_walks_of(const dt_node &node)
{
    return number_up_to(node, "vp,system-cache-ppm", 0, BUS_CHANCE_CERTAIN);
}

} // namespace vp
