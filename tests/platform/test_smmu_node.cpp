// SPDX-License-Identifier: Apache-2.0
// An SMMU as its node and those of its clients describe it: which of them it grants direct memory
// access, and which share a TBU.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tlm_utils/simple_target_socket.h>

#include "edited_tree.hpp"
#include "pmcg_node.hpp"
#include "smmu_node.hpp"

namespace test_smmu_node {
namespace {

using testing::ElementsAre;

// Grants everything.
struct memory : sc_core::sc_module {
    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged_optional<memory>> ports{"ports", 4};

    explicit memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        for (unsigned i = 0; i < ports.size(); i++)
            ports[i].register_get_direct_mem_ptr(this, &memory::grant, static_cast<int>(i));
    }

    unsigned asked[4] = {}; // by each port

    bool grant(int port, tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
    {
        asked[port]++;
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
            std::vector<vp::smmu_device::client>{{&masters[0], dma, vp::tbus_of(dma, 2)[0]},
                                                 {&masters[1], dma, vp::tbus_of(dma, 2)[1]},
                                                 {&masters[2], uart, vp::tbus_of(uart, 1)[0]}},
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

    // Numbers of TBUs, in the nodes of both devices.
    void tbus(const std::vector<std::uint32_t> &dma, const std::vector<std::uint32_t> &uart)
    {
        if (!dma.empty())
            source.cells("/dma@c000000", "vp,tbu", dma);
        if (!uart.empty())
            source.cells("/uart@9000000", "vp,tbu", uart);
    }

    // How many TBUs there are: each sends to memory, as walks do.
    std::size_t count()
    {
        build();
        return smmu->masters().size() - 1;
    }

    // Whether what a client asks for leaves by the port `number` of memory.
    bool leaves_by(unsigned client, unsigned number)
    {
        tlm::tlm_generic_payload payload;
        tlm::tlm_dmi dmi;
        payload.set_command(tlm::TLM_READ_COMMAND);
        payload.set_data_length(4);
        payload.set_streaming_width(4);
        const unsigned before = all.asked[number];
        masters[client]->get_direct_mem_ptr(payload, dmi);
        return all.asked[number] != before;
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

TEST_F(smmu_node, names_a_limit_that_is_too_large)
{
    for (const char *limit : {"vp,tbu-merging", "vp,walk-merging"}) {
        m.source.cells("/smmu@9050000", limit, {2});
        EXPECT_EQ(mistake(), std::string("/smmu@9050000: ") + limit + ": 2 is not 0 to 1");
        m.source.cells("/smmu@9050000", limit, {1});
    }
}

TEST_F(smmu_node, names_a_phandle_of_no_node)
{
    m.no_dmi({99});
    EXPECT_EQ(mistake(), "/smmu@9050000: vp,no-dmi: no node has phandle 99");
}

TEST_F(smmu_node, has_a_tbu_for_each_client)
{
    EXPECT_EQ(m.count(), 3u);
}

TEST_F(smmu_node, clients_with_the_same_number_share_a_tbu)
{
    m.tbus({7}, {7});
    EXPECT_EQ(m.count(), 1u);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (unsigned client = 0; client < 3; client++)
        EXPECT_TRUE(m.leaves_by(client, 1));
}

TEST_F(smmu_node, each_bus_master_may_have_a_number)
{
    m.tbus({1, 0}, {1});
    EXPECT_EQ(m.count(), 2u);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_TRUE(m.leaves_by(0, 1));
    EXPECT_TRUE(m.leaves_by(1, 2));
    EXPECT_TRUE(m.leaves_by(2, 1));
}

TEST_F(smmu_node, a_client_without_a_number_has_a_tbu_of_its_own)
{
    m.tbus({0}, {});
    EXPECT_EQ(m.count(), 2u);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_TRUE(m.leaves_by(1, 1));
    EXPECT_TRUE(m.leaves_by(2, 2));
}

TEST_F(smmu_node, grants_no_dmi_to_those_that_share_the_tbu_of_one_that_it_names)
{
    m.tbus({0, 1}, {1});
    m.no_dmi({6});
    EXPECT_THAT(m.granted(), ElementsAre(true, false, false));
}

TEST_F(smmu_node, root_complexes_have_the_port_of_their_tbu)
{
    m.tbus({0, 1}, {1});
    m.build();
    EXPECT_EQ(&m.smmu->ats(m.masters[1]), &m.smmu->ats(m.masters[2]));
    EXPECT_NE(&m.smmu->ats(m.masters[0]), &m.smmu->ats(m.masters[2]));
}

TEST_F(smmu_node, has_a_wrong_count_of_numbers)
{
    m.tbus({0, 1, 2}, {});
    EXPECT_EQ(mistake(), "/dma@c000000: vp,tbu: must have one number, or one for each of 2 bus "
                         "masters");
}

TEST_F(smmu_node, has_a_number_that_is_too_large)
{
    m.tbus({}, {64});
    EXPECT_EQ(mistake(), "/uart@9000000: vp,tbu: 64 is not 0 to 63");
}

// Tables and queues whose place is fixed (IHI 0070 3.16).
struct fixed_storage_node : smmu_node {
    static constexpr const char *path = "/smmu@9050000";

    fixed_storage_node()
    {
        m.source.cells(path, "vp,tables-preset", {1}).cells(path, "vp,strtab-base-cfg", {8});
    }
    smmu_config config()
    {
        const vp::dt_tree tree = m.source.tree();
        return vp::smmu_config_of(*tree.by_path(path));
    }
};

TEST_F(fixed_storage_node, addresses_have_one_cell_or_two)
{
    m.source.cells(path, "vp,strtab-base", {0x4000'0001, 0x2340'0000});
    EXPECT_EQ(config().strtab_base, 0x4000'0001'2340'0000u);
    m.source.cells(path, "vp,strtab-base", {0x2340'0000});
    EXPECT_EQ(config().strtab_base, 0x2340'0000u);
}

TEST_F(fixed_storage_node, page_0_is_where_reg_says)
{
    m.source.cells(path, "vp,rel", {1}).cells(path, "vp,strtab-base", {0x10'0000});
    EXPECT_EQ(config().page0, 0x905'0000u);
}

TEST_F(fixed_storage_node, page_0_may_be_elsewhere)
{
    m.source.cells(path, "vp,rel", {1}).cells(path, "vp,strtab-base", {0x10'0000});
    m.source.cells(path, "vp,page0", {1, 0x905'0000});
    EXPECT_EQ(config().page0, 0x1'0905'0000u);
}

// A counter group of it.
struct pmcg_node : smmu_node {
    static constexpr const char *path = "/pmcg@9100000";

    pmcg_node()
    {
        m.source.node("/its@8080000").strings("/its@8080000", "compatible", {"arm,gic-v3-its"});
        m.source.cells("/its@8080000", "phandle", {9}).cells("/its@8080000", "#msi-cells", {1});
        m.source.node(path).cells(path, "vp,smmu", {2});
    }
    std::string group_mistake()
    {
        m.build();
        const vp::dt_tree tree = m.source.tree();
        try {
            vp::pmcg_device group(*tree.by_path(path), "pmcg", *m.smmu);
        } catch (const vp::dt_error &error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(pmcg_node, has_the_configuration_that_its_properties_say)
{
    m.source.cells(path, "vp,counters", {4}).cells(path, "vp,counter-bits", {32});
    m.source.cells(path, "vp,tbus", {2}).cells(path, "vp,first-tbu", {1});
    m.source.cells(path, "vp,sid-bits", {8}).cells(path, "vp,first-sid", {0x100});
    m.source.cells(path, "vp,sid-filter-all", {1}).cells(path, "vp,capture", {0});
    m.source.cells(path, "vp,msi", {0}).cells(path, "vp,reloc-ctrs", {0});
    m.source.cells(path, "vp,iidr", {0x43b});
    const vp::dt_tree tree = m.source.tree();
    const smmu_pmcg_config config = vp::pmcg_config_of(*tree.by_path(path));
    EXPECT_EQ(config.counters, 4);
    EXPECT_EQ(config.counter_bits, 32);
    EXPECT_EQ(config.tbus, 2);
    EXPECT_EQ(config.first_tbu, 1);
    EXPECT_EQ(config.sid_bits, 8);
    EXPECT_EQ(config.first_sid, 0x100u);
    EXPECT_TRUE(config.sid_filter_all);
    EXPECT_FALSE(config.capture || config.msi || config.reloc_ctrs);
    EXPECT_EQ(config.iidr, 0x43bu);
}

TEST_F(pmcg_node, has_a_page_for_each_entry_of_reg)
{
    m.build();
    const vp::dt_tree tree = m.source.tree();
    vp::pmcg_device two(*tree.by_path(path), "two", *m.smmu);
    EXPECT_EQ(two.regs().size(), 2u);
    EXPECT_EQ(two.irqs().size(), 1u);
    m.source.cells(path, "vp,reloc-ctrs", {0});
    const vp::dt_tree without = m.source.tree();
    vp::pmcg_device one(*without.by_path(path), "one", *m.smmu);
    EXPECT_EQ(one.regs().size(), 1u);
}

TEST_F(pmcg_node, names_numbers_out_of_range)
{
    m.source.cells(path, "vp,counters", {65});
    EXPECT_EQ(group_mistake(), "/pmcg@9100000: vp,counters: 65 is not 1 to 64");
}

TEST_F(pmcg_node, names_what_the_smmu_has_against_it)
{
    m.source.cells(path, "vp,tbus", {4});
    EXPECT_EQ(group_mistake(),
              "/pmcg@9100000: vp,tbus: are more than the SMMU has from first_tbu on");
}

TEST_F(pmcg_node, may_have_a_device_id_where_the_smmu_has_one)
{
    m.source.cells(path, "msi-parent", {9, 0x10010});
    m.source.cells("/smmu@9050000", "msi-parent", {9, 0x10000});
    EXPECT_EQ(group_mistake(), "");
}

TEST_F(pmcg_node, has_none_where_the_smmu_has_none)
{
    m.source.cells(path, "msi-parent", {9, 0x10010});
    EXPECT_EQ(group_mistake(), "/pmcg@9100000: msi-parent: needs one of the SMMU, whose port the "
                               "messages leave by");
}

} // namespace
} // namespace test_smmu_node
