// SPDX-License-Identifier: Apache-2.0
// A counter group's node: its properties, its pages.
#include "pmcg_node.hpp"

#include <string>

#include "vp/dt_rows.hpp"

namespace vp {

namespace {

// What the SMMU has against the configuration is an error of the property.
smmu_pmcg_config checked(const dt_node &node, smmu_device &smmu)
{
    const smmu_pmcg_config config = pmcg_config_of(node);
    smmu_error error = {};
    if (!smmu_pmcg_config_check(&config, &smmu.tcu().config(), &error))
        node.fail(property_name("vp,", error.field).c_str(), error.reason);
    return config;
}

} // namespace

smmu_pmcg_config pmcg_config_of(const dt_node &node)
{
    smmu_pmcg_config config = smmu_pmcg_config_default();
#define SMMU_PMCG_NUMBER(name, type, min, max, otherwise, help)                                    \
    config.name = static_cast<type>(                                                               \
        number_between(node, property_name("vp,", #name), config.name, min, max));
#define SMMU_PMCG_SWITCH(name, otherwise, help)                                                    \
    config.name = number_up_to(node, property_name("vp,", #name), config.name ? 1 : 0, 1) != 0;
#include "smmu/pmcg.def"
    return config;
}

pmcg_device::pmcg_device(const dt_node &node, const char *name, smmu_device &smmu)
    : config_(checked(node, smmu)), group_(name, smmu.tcu(), config_)
{
    const auto device_id = message_device_id(node);
    if (device_id && !smmu.stamp_messages(group_.number(), *device_id))
        node.fail("msi-parent", "needs one of the SMMU, whose port the messages leave by");
}

std::vector<device::target *> pmcg_device::regs()
{
    std::vector<target *> pages{&group_.page0};
    if (config_.reloc_ctrs)
        pages.push_back(&group_.page1());
    return pages;
}

} // namespace vp
