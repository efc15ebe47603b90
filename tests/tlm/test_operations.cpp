// SPDX-License-Identifier: Apache-2.0
// Operations beyond reads and writes on the bus (attributes::op), and a micro TLB for each TBU.
#include <gtest/gtest.h>

#include "two_stage_stream.hpp"

namespace tlm_test::test_operations {

namespace {

constexpr std::uint32_t sid = 5;
constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t ipa = 0x0000'0040'8040'0000;
constexpr std::uint64_t pa = bench::data + 0x3000;

struct operations : testing::Test {
    bench b{"b", {}, 2};
    stream s{b, sid};

    operations()
    {
        s.entry().dre = s.entry().dcp = 1;
        s.publish();
        s.map(va, pa);
    }

    tlm::tlm_response_status send(tlm::tlm_command command, smmu_op op, std::uint64_t address = va)
    {
        smmu::attributes attributes;
        attributes.sid = sid;
        attributes.memattr.sh = SMMU_SH_INNER;
        attributes.op = op;
        transfer t(command, address, std::vector<unsigned char>(8));
        t.extend(attributes);
        if (command == tlm::TLM_IGNORE_COMMAND)
            t.payload.set_data_ptr(nullptr);
        return b.device().send(t);
    }
};

TEST_F(operations, go_on_as_what_they_are)
{
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(send(tlm::TLM_READ_COMMAND, SMMU_OP_READ_DESTRUCTIVE), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.back().attributes.op, SMMU_OP_READ_DESTRUCTIVE);
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_CLEAN), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.back().attributes.op, SMMU_OP_CLEAN);
        EXPECT_EQ(b.memory.log.back().address, pa);
    });
}

TEST_F(operations, go_on_as_what_the_stream_may_do)
{
    s.entry().dre = 0;
    s.publish();
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_INVALIDATE), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.back().attributes.op, SMMU_OP_CLEAN_INVALIDATE);
    });
}

TEST_F(operations, hints_end_in_the_tbu)
{
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_PREFETCH, 0x1000), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.event_count(), 0u);
    });
}

TEST_F(operations, without_data_fault_as_others_do)
{
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_CLEAN, va + 0x1000),
                  tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.event_count(), 1u);
    });
}

TEST_F(operations, that_do_not_fit_the_command_are_refused)
{
    const struct {
        tlm::tlm_command command;
        smmu_op op;
    } rows[] = {
        {tlm::TLM_WRITE_COMMAND, SMMU_OP_READ_DESTRUCTIVE},
        {tlm::TLM_READ_COMMAND, SMMU_OP_WRITE_PREFETCH},
        {tlm::TLM_READ_COMMAND, SMMU_OP_ATOMIC},
        {tlm::TLM_READ_COMMAND, SMMU_OP_CLEAN},
    };
    b.run([&] {
        b.bring_up();
        for (const auto &row : rows)
            EXPECT_EQ(send(row.command, row.op), tlm::TLM_COMMAND_ERROR_RESPONSE);
    });
}

TEST_F(operations, that_are_none_pass_in_bypass)
{
    b.run([&] {
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_ORDINARY, pa), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.memory.log.size(), 1u);
        EXPECT_EQ(b.memory.log.back().address, pa);
        EXPECT_EQ(b.memory.log.back().attributes.op, SMMU_OP_ORDINARY);
        b.write32(reg::GBPA, reg::GBPA_ABORT | reg::GBPA_UPDATE);
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_ORDINARY, pa),
                  tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_F(operations, that_are_none_go_where_an_access_would)
{
    b.run([&] {
        b.bring_up();
        const smmu_stats before = b.smmu.stats();
        b.memory.log.clear();
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_ORDINARY), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.memory.log.size(), 1u);
        EXPECT_EQ(b.memory.log.back().address, pa);
        EXPECT_EQ(send(tlm::TLM_IGNORE_COMMAND, SMMU_OP_ORDINARY, va + 0x1000),
                  tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.memory.log.size(), 1u);
        EXPECT_EQ(b.event_count(), 0u);
        EXPECT_EQ(b.smmu.stats().translations, before.translations);
    });
}

// DDI 0487 D8.4: S2AP 0b10 is write-only.
TEST(operations_of_a_virtual_machine, that_are_none_go_where_a_write_alone_would)
{
    bench b("b");
    two_stage_stream s(b, sid, 1, two_stage_stream::kind::stage2);
    s.map_s2(ipa, pa, 3, 0b10);
    b.run([&] {
        b.bring_up();
        transfer t(tlm::TLM_IGNORE_COMMAND, ipa, std::vector<unsigned char>(8));
        EXPECT_EQ(b.device().send(t.of_stream(sid)), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.memory.log.size(), 1u);
        EXPECT_EQ(b.memory.log.back().address, pa);
    });
}

TEST_F(operations, each_tbu_has_its_micro_tlb)
{
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        for (unsigned i : {0u, 1u}) {
            EXPECT_EQ(b.devices[i].read64(sid, va, value), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(b.smmu.stats().utlb_hits, i);
            EXPECT_EQ(b.devices[i].read64(sid, va, value), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(b.smmu.stats().utlb_hits, i + 1u);
        }
    });
}

} // namespace

} // namespace tlm_test::test_operations
