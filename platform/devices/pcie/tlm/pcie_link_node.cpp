// SPDX-License-Identifier: Apache-2.0
// Properties of links: a row each.
#include "pcie_link_node.hpp"

#include <string>

#include "vp/dt_rows.hpp"

namespace vp {

namespace {

using namespace dt_units;

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

constexpr const char *prefix = "vp,link-";

} // namespace

pcie_link_config read_link(const dt_node &node, const pcie_link_config &otherwise)
{
    pcie_link_config config = otherwise;
    const char *wrong = nullptr;

    for (const number_row &row : number_rows)
        config.*row.value = number_up_to(node, property_name(prefix, row.name, row.suffix),
                                         otherwise.*row.value, row.most);
    if (const char *reason = pcie_link_fault(&config, &wrong))
        node.fail(property_name(prefix, wrong).c_str(), reason);
    return config;
}

pcie_link_config read_link_above(const dt_node &endpoint)
{
    const dt_node port = endpoint.parent();

    return read_link(port, read_link(port.parent(), {}));
}

} // namespace vp
