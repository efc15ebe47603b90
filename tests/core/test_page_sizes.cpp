// SPDX-License-Identifier: Apache-2.0
// How many page sizes a look-up in a TLB tries (smmu_use.count): one after the other from the
// smallest on, those alone of which there are entries.
#include "core/core_test.hpp"

using namespace support;

namespace test_page_sizes {
namespace {

// Keeps the count of the last look-up of each kind.
class sizes_dut : public device_under_test {
  public:
    explicit sizes_dut(const smmu_config &cfg)
        : device_under_test(cfg, true, [](smmu_ops &ops) {
              ops.units = 1u << SMMU_UNIT_TLB | 1u << SMMU_UNIT_TBU_TLB;
              ops.use = [](void *user, const smmu_use *use) {
                  static_cast<sizes_dut *>(static_cast<device_under_test *>(user))
                      ->further[use->unit] = use->count;
              };
          })
    {
    }
    uint32_t further[SMMU_UNIT_COUNT] = {};
};

// Either TLB alone; that of the TCU, or that of the TBU.
class PageSizes : public testing::TestWithParam<bool> {
  protected:
    static smmu_config with(smmu_cache_shape shape)
    {
        smmu_config cfg = smmu_config_default();
        cfg.utlb.sets = 0;
        cfg.tlb.sets = 0;
        (GetParam() ? cfg.tlb : cfg.tbu_tlb) = shape;
        return cfg;
    }

    struct machine {
        sizes_dut dut;
        stage1_stream stream{dut, sid};

        explicit machine(const smmu_config &cfg) : dut(cfg)
        {
            dut.bring_up();
            stream.low.map(page, 0x7000'0000);
            stream.low.map(block, 0x8020'0000, 2);
            stream.low.map(large, 0x1'4000'0000, 1);
            stream.publish();
        }

        uint32_t further(uint64_t addr)
        {
            dut.translate(sid, addr);
            return dut.further[GetParam() ? SMMU_UNIT_TLB : SMMU_UNIT_TBU_TLB];
        }
    };

    static constexpr uint32_t sid = 5;
    static constexpr uint64_t page = 0x1234'5000, block = 0x5020'0000, large = 0x1'4000'0000;
};

TEST_P(PageSizes, ThatAreThereAreTriedFromTheSmallestOn)
{
    machine m(with({16, 4}));
    EXPECT_EQ(m.further(large), 0u) << "there is nothing";
    EXPECT_EQ(m.further(block), 0u);
    EXPECT_EQ(m.further(page), 1u);
    EXPECT_EQ(m.further(page), 0u);
    EXPECT_EQ(m.further(block), 1u);
    EXPECT_EQ(m.further(large), 2u);
    EXPECT_EQ(m.further(0x777'7000), 2u) << "a miss";
}

TEST_P(PageSizes, WhoseLastEntryIsInvalidatedAreNotTried)
{
    machine m(with({16, 4}));
    for (uint64_t addr : {page, block, large})
        m.further(addr);
    m.dut.submit(tlbi_nh_va(page, 1)); // by its address
    EXPECT_EQ(m.further(large), 1u);
    m.dut.submit(tlbi_nh_va(block, 1));
    EXPECT_EQ(m.further(large), 0u);
    for (uint64_t addr : {page, block})
        m.further(addr);
    EXPECT_EQ(m.further(large), 2u);
    m.dut.submit(tlbi_nh_asid(1)); // all
    EXPECT_EQ(m.further(large), 0u);
    EXPECT_EQ(m.further(large), 0u);
}

TEST_P(PageSizes, WithEntriesLeftAreTried)
{
    machine m(with({16, 4}));
    m.stream.low.map(page + 0x1000, 0x7000'1000);
    for (uint64_t addr : {page, page + 0x1000, block})
        m.further(addr);
    m.dut.submit(tlbi_nh_va(page, 1));
    EXPECT_EQ(m.further(block), 1u);
    m.dut.submit(tlbi_nh_va(page + 0x1000, 1));
    EXPECT_EQ(m.further(block), 0u);
}

TEST_P(PageSizes, WhoseLastEntryIsPushedOutAreNotTried)
{
    machine m(with({1, 1}));
    m.further(page);
    m.further(block);
    EXPECT_EQ(m.further(block), 0u);
    m.further(page);
    EXPECT_EQ(m.further(page), 0u);
}

INSTANTIATE_TEST_SUITE_P(Of, PageSizes, testing::Bool(),
                         [](const auto &info) { return info.param ? "Tcu" : "Tbu"; });

} // namespace
} // namespace test_page_sizes
