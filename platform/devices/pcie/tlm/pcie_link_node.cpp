// SPDX-License-Identifier: Apache-2.0
// Properties of links: a row each.
#include "pcie_link_node.hpp"

#include <algorithm>
#include <string>

namespace vp {

namespace {

// Units of numbers, as suffixes of properties.
constexpr const char *BYTES = "";
constexpr const char *COUNT = "";
constexpr const char *PS = "-ps";

struct number_row {
    const char *name;
    const char *suffix;
    std::uint64_t most;
    std::uint64_t pcie_link_config::*value;
};

constexpr number_row number_rows[] = {
#define PCIE_LINK_PARAMETER(name, unit, most, help) {#name, unit, most, &pcie_link_config::name},
#include "pcie/pcie_link.def"
};

std::string property_of(const std::string &name, const char *suffix = "")
{
    std::string property = "vp,link-" + name + suffix;
    std::replace(property.begin(), property.end(), '_', '-');
    return property;
}

} // namespace

pcie_link_config read_link(const dt_node &node, const pcie_link_config &otherwise)
{
    pcie_link_config config = otherwise;
    const char *wrong = nullptr;

    for (const number_row &row : number_rows) {
        const std::string property = property_of(row.name, row.suffix);
        config.*row.value =
            node.u32(property.c_str(), static_cast<std::uint32_t>(otherwise.*row.value));
        if (config.*row.value > row.most)
            node.fail(property.c_str(), std::to_string(config.*row.value) + " is not 0 to " +
                                            std::to_string(row.most));
    }
    if (const char *reason = pcie_link_fault(&config, &wrong))
        node.fail(property_of(wrong).c_str(), reason);
    return config;
}

pcie_link_config read_link_above(const dt_node &endpoint)
{
    const dt_node port = endpoint.parent();

    return read_link(port, read_link(port.parent(), {}));
}

} // namespace vp
