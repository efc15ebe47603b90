// SPDX-License-Identifier: Apache-2.0
// An SMMU as its node describes it: which clients it grants direct memory access.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tlm_utils/simple_target_socket.h>

#include "edited_tree.hpp"
#include "smmu_node.hpp"

namespace test_smmu_node {
namespace {

using testing::ElementsAre;

// Grants everything.
struct memory : sc_core::sc_module {
    sc_core::sc_vector<tlm_utils::simple_target_socket<memory>> ports{"ports", 4};

    explicit memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        for (auto &port : ports)
            port.register_get_direct_mem_ptr(this, &memory::grant);
    }

    bool grant(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
    {
        dmi.allow_read_write(); // from 0 to the end
        return true;
    }
};

// Clients: two bus masters of a device (phandle 5), one of another (phandle 6).
struct machine : sc_core::sc_module {
    test::edited_tree source = test::small_machine();
    memory all{"all"};
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<machine>> masters{"masters", 3};
    tlm_utils::simple_initiator_socket<machine> cpu{"cpu"};
    std::unique_ptr<vp::smmu_device> smmu;

    explicit machine(const sc_core::sc_module_name &name) : sc_module(name)
    {
        source.cells("/dma@c000000", "phandle", {5}).cells("/uart@9000000", "phandle", {6});
    }

    void build()
    {
        const vp::dt_tree tree = source.tree();
        const vp::dt_node dma = *tree.by_path("/dma@c000000");
        const vp::dt_node uart = *tree.by_path("/uart@9000000");
        smmu = std::make_unique<vp::smmu_device>(
            *tree.by_path("/smmu@9050000"), "smmu",
            std::vector<vp::smmu_device::client>{
                {&masters[0], dma}, {&masters[1], dma}, {&masters[2], uart}},
            false, nullptr);
        cpu.bind(*smmu->regs()[0]);
        const auto down = smmu->masters(); // walks, and what clients do
        for (std::size_t i = 0; i < down.size(); i++)
            all.ports[i].bind(*down[i]);
    }

    // Which of them get it.
    std::vector<bool> granted()
    {
        build();
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        std::vector<bool> list;
        for (auto &master : masters) {
            tlm::tlm_generic_payload payload;
            tlm::tlm_dmi dmi;
            payload.set_command(tlm::TLM_READ_COMMAND);
            payload.set_data_length(4);
            payload.set_streaming_width(4);
            list.push_back(master->get_direct_mem_ptr(payload, dmi));
        }
        return list;
    }

    void no_dmi(const std::vector<std::uint32_t> &phandles)
    {
        source.cells("/smmu@9050000", "vp,no-dmi", phandles);
    }
};

struct smmu_node : testing::Test {
    machine m{"machine"};

    std::string mistake()
    {
        try {
            m.build();
        } catch (const vp::dt_error &error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(smmu_node, grants_dmi_to_every_client_by_itself)
{
    EXPECT_THAT(m.granted(), ElementsAre(true, true, true));
}

TEST_F(smmu_node, grants_no_dmi_to_all_masters_of_devices_that_it_names)
{
    m.no_dmi({5});
    EXPECT_THAT(m.granted(), ElementsAre(false, false, true));
}

TEST_F(smmu_node, grants_no_dmi_to_anybody_if_it_names_none)
{
    m.no_dmi({});
    EXPECT_THAT(m.granted(), ElementsAre(false, false, false));
}

TEST_F(smmu_node, names_a_device_that_does_not_go_through_it)
{
    m.no_dmi({5, 1});
    EXPECT_EQ(mistake(), "/smmu@9050000: vp,no-dmi: no bus master of /gic@8000000 goes through "
                         "this SMMU");
}

TEST_F(smmu_node, names_a_phandle_of_no_node)
{
    m.no_dmi({99});
    EXPECT_EQ(mistake(), "/smmu@9050000: vp,no-dmi: no node has phandle 99");
}

} // namespace
} // namespace test_smmu_node
