// SPDX-License-Identifier: Apache-2.0
// What AXI asks of a request by itself.
#ifndef SMMU_PINS_AXI_REQUEST_RULES_HPP
#define SMMU_PINS_AXI_REQUEST_RULES_HPP

#include <functional>
#include <string>

#include "smmu/pins/axi_request.hpp"

namespace smmu::pins {

// The rows of axi_rules.def.
enum class axi_rule {
#define SMMU_AXI_RULE(name, clause, message) name,
#include "smmu/pins/axi_rules.def"
#undef SMMU_AXI_RULE
};

// Is told of a rule that is broken and of the signal that breaks it, by its name.
using axi_complaint = std::function<void(axi_rule broken, const std::string &signal)>;

inline bool is_power_of_two(unsigned value)
{
    return value && !(value & (value - 1));
}

// Whether caches of other agents may have what the request is about (A8.3).
inline bool is_shareable(const axi_request &request)
{
    return request.domain == AXI_DOMAIN_INNER || request.domain == AXI_DOMAIN_OUTER;
}

// Whether the request, of a burst that does not wrap, reaches beyond 4 KiB with another address
// (A3.1).
inline bool crosses_boundary(const axi_request &request, std::uint64_t address)
{
    const std::uint64_t first = address & ~std::uint64_t{request.bytes() - 1};
    const std::uint64_t bytes =
        request.burst == AXI_BURST_FIXED ? request.bytes() : request.total();
    return first / 4096 != (first + bytes - 1) / 4096;
}

// The name of a signal that both request channels have, such as "AWADDR" for "ADDR".
std::string signal_of(const axi_request &request, const char *field);

// Tells of each rule that `request`, on a bus of `shape`, breaks by itself.
void check_request(const axi_request &request, const axi_shape &shape, const axi_complaint &tell);

// The field of the first signal by which it breaks one; nullptr: it breaks none.
const char *broken_by(const axi_request &request, const axi_shape &shape);

} // namespace smmu::pins

#endif
