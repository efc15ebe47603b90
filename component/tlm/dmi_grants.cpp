// SPDX-License-Identifier: Apache-2.0
// The direct memory access a TBU has granted: see dmi_grants.hpp.
#include "dmi_grants.hpp"

#include <algorithm>

namespace smmu {

namespace {

bool same_translation(const smmu_tag &a, const smmu_tag &b)
{
    return a.sid == b.sid && a.cd == b.cd && a.cd_index == b.cd_index && a.va == b.va &&
           a.asid == b.asid && a.vmid == b.vmid && a.sec == b.sec && a.world == b.world &&
           a.span_log2 == b.span_log2 && a.level == b.level && a.s1 == b.s1 && a.s2 == b.s2 &&
           a.global == b.global && a.aset == b.aset && a.s1_leaf_log2 == b.s1_leaf_log2 &&
           a.s2_leaf_log2 == b.s2_leaf_log2 && a.s1_cut_log2 == b.s1_cut_log2;
}

} // namespace

bool dmi_grants::add(const dmi_grant &grant)
{
    const auto by_start = [](const dmi_grant &g, std::uint64_t first) {
        return g.input.first < first;
    };
    auto place = std::lower_bound(grants_.begin(), grants_.end(), grant.input.first, by_start);
    for (auto it = place; it != grants_.end() && it->input.first == grant.input.first; ++it)
        if (it->input == grant.input && it->output == grant.output &&
            same_translation(it->tag, grant.tag))
            return true;
    if (grants_.size() == capacity)
        return false;
    grants_.insert(place, grant);
    return true;
}

template <typename PREDICATE> std::vector<address_range> dmi_grants::withdraw_if(PREDICATE gone)
{
    std::vector<address_range> inputs;
    const auto forget = [&](const dmi_grant &grant) {
        const bool hit = gone(grant);
        if (hit)
            inputs.push_back(grant.input);
        return hit;
    };
    grants_.erase(std::remove_if(grants_.begin(), grants_.end(), forget), grants_.end());
    return inputs;
}

std::vector<address_range> dmi_grants::withdraw(const smmu_inval &inval)
{
    return withdraw_if([&inval](const dmi_grant &g) { return smmu_inval_matches(&inval, &g.tag); });
}

std::vector<address_range> dmi_grants::withdraw(const address_range &output)
{
    return withdraw_if([&output](const dmi_grant &g) { return g.output.overlaps(output); });
}

} // namespace smmu
