// SPDX-License-Identifier: Apache-2.0
// An SMMU whose streams have VMSAv9-128 tables, in literal words.
#ifndef TESTS_CORE_D128_TEST_HPP
#define TESTS_CORE_D128_TEST_HPP

#include <utility>
#include <vector>

#include "core/core_test.hpp"

namespace d128_test {

using namespace support;

inline smmu_config with_d128()
{
    smmu_config cfg = smmu_config_default();
    cfg.d128 = cfg.vax52 = cfg.vax56 = true;
    cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.aie = cfg.mteperm = true;
    cfg.vmsa32 = false;
    cfg.oas_bits = 56;
    cfg.arch = 4;
    cfg.e0pd = cfg.epan = cfg.ptwnnc = true;
    cfg.httu = SMMU_HTTU_TABLES;
    return cfg;
}

constexpr uint64_t bit(unsigned n)
{
    return uint64_t{1} << n;
}

// Stream 0xa5 translates at stage 1, stream 0x17 at stage 2. Their tables are the same: PIIndex 5
// is read and write, for privileged accesses and others.
class D128 : public CoreTest {
  protected:
    explicit D128(const smmu_config &cfg = with_d128()) : CoreTest(cfg)
    {
        dut.bring_up();
        dut.write64(reg::S2PII, 0xc0'0000);
        put(ste(stage1), {0x3000'000b, s1pie});
        put(ste(stage2), {0xd, 0x0000'1000'0000'0000, 0, 0});
        put(cd, {0, 0, 0, 0xff, 0, 0, 0x2'8000, 0x2'8000});
        set_cd(t0sz_9, table);
        set_ste(s2t0sz_8, table);
    }

    static uint64_t ste(uint32_t sid) { return 0x1400'0000 + 0x40 * uint64_t{sid}; }

    void put(uint64_t at, const std::vector<uint64_t> &w)
    {
        for (size_t i = 0; i < w.size(); i++)
            dut.mem.store64(at + 8 * i, w[i]);
    }

    void set_cd(uint64_t word0, uint64_t word1, uint64_t word2 = 0)
    {
        put(cd, {word0, word1, word2});
        dut.invalidate_all();
    }

    void set_ste(uint64_t word2, uint64_t word3)
    {
        put(ste(stage2) + 16, {word2, word3});
        dut.invalidate_all();
    }

    // Tables of 4 KiB on the way to `va`, by IA[51:44], [43:36], [35:28], [27:20] and [19:12]; that
    // of IA[51:44] lies above 48 bits too.
    void tables()
    {
        put(table + 0x60, {0x0091'0000'3501'0001, 0}); // IA[54:52], stage 1
        put(table + 0xe0, {0x0091'0000'3501'0001, 0}); // IA[55:52], stage 2
        put(0x0091'0000'3501'0540, {0x3502'0001, 0});
        put(0x3502'0320, {0x3503'0001, 0});
        put(0x3503'0100, {0x3504'0001, 0});
        put(0x3504'0fe0, {0x3505'0001, 0});
    }

    // Addresses and sizes of the descriptors read.
    std::vector<std::pair<uint64_t, unsigned>> descriptors_read()
    {
        std::vector<std::pair<uint64_t, unsigned>> at;
        for (const auto &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_TTD)
                at.emplace_back(access.req.addr, access.req.size);
        dut.mem.clear_log();
        return at;
    }

    static std::pair<uint64_t, unsigned> wide(uint64_t at) { return {at, 16}; }

    void expect_fault(unsigned event, uint64_t address = va)
    {
        expect_abort(dut.translate(stage1, address), event);
        dut.invalidate_all();
    }

    static constexpr uint32_t stage1 = 0xa5, stage2 = 0x17;
    static constexpr uint64_t cd = 0x3000'0000, table = 0x00a5'0000'3500'0000;
    static constexpr uint64_t va = 0x0065'4321'0fed'cba8, ipa = 0x00e5'4321'0fed'cba8;
    static constexpr uint64_t s1pie = bit(88 - 64);
    // CD: T0SZ 9, IR0 and OR0 01, SH0 11, EPD1, V, IPS 56 bits, AA64 0, R, A, ASID 1.
    static constexpr uint64_t t0sz_9 = 0x0001'6007'c000'3509, aa64 = bit(41), tg0_64k = bit(6),
                              tg0_16k = bit(7), endi = bit(15), hd = bit(42), ha = bit(43);
    // STE: S2T0SZ 8, S2SH0 11, S2PS 56 bits, S2AA64 0, S2R.
    static constexpr uint64_t s2t0sz_8 = 0x0407'3508'0000'0007;
    static constexpr unsigned skl0 = 126 - 64, s2skl = 253 - 192;
    // Of a page at 0xfe'dcba'9876'5000: AF, SH 11, nG, nDirty 0; Dirty 1, MemAttr 1111.
    static constexpr uint64_t page = 0x00fe'dcba'9876'5f01, s2_page = 0x00fe'dcba'9876'57bd;
    static constexpr uint64_t pi_5 = uint64_t{5} << (115 - 64), af = bit(10), dirty_bit = bit(7);
    static constexpr uint64_t page_at = 0x3505'0dc0;
    // SKL of descriptors.
    static uint64_t skl(uint64_t levels) { return levels << (109 - 64); }
};

} // namespace d128_test

#endif
