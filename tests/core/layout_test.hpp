// SPDX-License-Identifier: Apache-2.0
// Fixture of tests of layouts: two streams made of literal words. Nothing here comes from the
// core's tables or from the encoders of tests/support. The words are put together by the bit ranges
// that IHI 0070 5.2 and 5.4 print, which Linux's arm-smmu-v3.h and edk2's SmmuV3Registers.h have as
// well; translation tables are those of DDI 0487 D8.3.
#ifndef TESTS_CORE_LAYOUT_TEST_HPP
#define TESTS_CORE_LAYOUT_TEST_HPP

#include "core/core_test.hpp"

class LayoutTest : public CoreTest {
  protected:
    using words = std::vector<uint64_t>;

    explicit LayoutTest(const smmu_config &cfg = smmu_config_default()) : CoreTest(cfg)
    {
        support::bring_up_options options;
        options.cr0 = 0x12; // ATSCHK, PRIQEN
        dut.bring_up(options);
        put(ste_of(plain), {0x5000'0000'3000'000b, 0x0000'1000'0000'0001});
        put(cd_address, {0x0001'6205'c000'3510, 0x3100'0000, 0, 0xff});
        put(ste_of(nested),
            {0x0000'0000'3010'000f, 0x0000'1000'0000'0000, 0x040d'3558'0000'0007, 0x3200'0000});
        put(0x3010'0000, {0x0002'6205'c000'3510, 0x7100'0000, 0, 0xff});
        put(0x3200'0000, {0x0000'07fd, 0x4000'07fd}); // stage 2: 1 GiB blocks
        put(0x7100'0120, {0x7100'1003}); // stage 1 of `nested`: `va` to IPA 0x9'9678'9000
        put(0x7100'1688, {0x9'8000'0f41});
        dut.mem.clear_log();
    }

    // Words of a structure, from `at` on.
    void put(uint64_t at, const words &w)
    {
        for (size_t i = 0; i < w.size(); i++)
            dut.mem.store64(at + 8 * i, w[i]);
    }

    static uint64_t ste_of(uint32_t sid) { return 0x1400'0000 + uint64_t{64} * sid; }

    // The records that the Event queue got.
    words records()
    {
        words all;
        for (const auto &record : dut.pop_raw_events())
            all.insert(all.end(), record.word.begin(), record.word.end());
        return all;
    }

    smmu_result access(uint32_t sid, uint64_t addr, bool write = false, bool instr = false,
                       bool priv = false)
    {
        support::client_access how{write, instr, priv, sid == plain, ssid};
        return dut.translate(sid, addr, how);
    }

    static constexpr uint32_t plain = 0xa5, nested = 0x17, ssid = 0x2b3;
    static constexpr uint64_t cd_address = 0x3000'acc0; // 0x3000'0000 + 64 * ssid
    static constexpr uint64_t va = 0x0000'1234'5678'9000;
};

#endif
