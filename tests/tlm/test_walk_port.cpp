// SPDX-License-Identifier: Apache-2.0
// The accesses of a walk port by the windows of memory that it is granted. Of the SMMU's own all
// are Non-secure; the port does not know that.
#include <gtest/gtest.h>

#include <tlm_utils/simple_initiator_socket.h>

#include "ram.hpp"
#include "walk_port.hpp"

namespace tlm_test::test_walk_port {

namespace {

constexpr std::uint64_t at = ram::base + 0x1000;

class port_bench : public sc_core::sc_module {
  public:
    ram memory{"memory"};
    tlm_utils::simple_initiator_socket<port_bench> socket{"socket"};
    smmu::timing times;
    smmu::walk_port port{times,
                         [this]() -> tlm::tlm_fw_transport_if<> & { return *socket.operator->(); }};

    explicit port_bench(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.bind(memory.port);
        memory.grant_all();
    }

    // Whether the access goes to memory by a transaction, which is the case without a window.
    bool transacts(tlm::tlm_command command, std::uint8_t pas, unsigned char (&data)[8])
    {
        smmu_mem_req request = {};
        request.addr = at;
        request.size = sizeof data;
        request.pas = pas;
        memory.log.clear();
        EXPECT_EQ(port.access(command, request, data), SMMU_MEM_OK);
        return !memory.log.empty();
    }
};

struct walk_port : testing::Test {
    port_bench b{"b"};
    unsigned char data[8] = {};

    walk_port() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }
};

TEST_F(walk_port, uses_a_window_for_the_address_space_it_was_granted_for)
{
    EXPECT_TRUE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_NS, data));
    EXPECT_FALSE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_NS, data));
    EXPECT_TRUE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_S, data));
    EXPECT_EQ(b.memory.log.front().attributes.pas, SMMU_PAS_S);
    EXPECT_FALSE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_S, data));
    EXPECT_FALSE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_NS, data));
}

TEST_F(walk_port, writes_through_no_window_that_is_to_be_read)
{
    b.memory.granted = tlm::tlm_dmi::DMI_ACCESS_READ;
    EXPECT_TRUE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_NS, data));
    EXPECT_FALSE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_NS, data));
    data[0] = 42;
    for (unsigned i = 0; i < 2; i++)
        EXPECT_TRUE(b.transacts(tlm::TLM_WRITE_COMMAND, SMMU_PAS_NS, data));
    EXPECT_EQ(b.memory.load64(at), 42u);
}

TEST_F(walk_port, reads_through_no_window_that_is_to_be_written)
{
    b.memory.granted = tlm::tlm_dmi::DMI_ACCESS_WRITE;
    EXPECT_TRUE(b.transacts(tlm::TLM_WRITE_COMMAND, SMMU_PAS_NS, data));
    EXPECT_FALSE(b.transacts(tlm::TLM_WRITE_COMMAND, SMMU_PAS_NS, data));
    b.memory.store64(at, 42);
    for (unsigned i = 0; i < 2; i++)
        EXPECT_TRUE(b.transacts(tlm::TLM_READ_COMMAND, SMMU_PAS_NS, data));
    EXPECT_EQ(data[0], 42u);
}

} // namespace

} // namespace tlm_test::test_walk_port
