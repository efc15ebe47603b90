// SPDX-License-Identifier: Apache-2.0
// Any register, memory and client input: the core must survive, keep to its contract and end.
#include "core/core_test.hpp"
#include "support/random.hpp"

using namespace support;

namespace {

constexpr unsigned steps = 60000;

class Fuzz : public testing::TestWithParam<uint64_t> {
  protected:
    Fuzz() : rng(GetParam()), dut(config(rng))
    {
        dut.mem.keep_log(false);
        if (rng.coin())
            dut.bring_up();
    }

    static smmu_config config(random_source &rng)
    {
        static const uint8_t oas[] = {32, 36, 40, 42, 44, 48};
        smmu_config cfg = smmu_config_default();
        cfg.oas_bits = oas[rng.below(6)];
        cfg.sid_bits = static_cast<uint8_t>(rng.between(0, 32));
        cfg.ssid_bits = static_cast<uint8_t>(rng.between(0, 20));
        cfg.cmdq_log2_max = static_cast<uint8_t>(rng.between(0, 19));
        cfg.evtq_log2_max = static_cast<uint8_t>(rng.between(0, 19));
        cfg.asid16 = rng.coin();
        cfg.config_cache = {1u << rng.below(4), static_cast<uint32_t>(rng.between(1, 4))};
        cfg.tlb = {1u << rng.below(6), static_cast<uint32_t>(rng.between(1, 8))};
        return cfg;
    }

    uint64_t random_word()
    {
        switch (rng.below(4)) {
        case 0:
            return rng.bits(64);
        case 1:
            return rng.bits(static_cast<unsigned>(rng.between(1, 20)));
        case 2:
            return random_address() | rng.bits(12);
        default:
            return rng.bits(64) & rng.bits(64) & rng.bits(64);
        }
    }

    // Addresses meet often enough for structures to be found.
    uint64_t random_address()
    {
        static const uint64_t regions[] = {dut.cmdq_base, dut.evtq_base, dut.strtab_base,
                                           dut.frames_base};
        return regions[rng.below(4)] + (rng.bits(4) << 12);
    }

    void write_register()
    {
        static const uint32_t offsets[] = {
            reg::CR0,       reg::CR1,         reg::CR2,         reg::GBPA,
            reg::IRQ_CTRL,  reg::GERRORN,     reg::STRTAB_BASE, reg::STRTAB_BASE_CFG,
            reg::CMDQ_BASE, reg::CMDQ_PROD,   reg::CMDQ_CONS,   reg::EVENTQ_BASE,
            reg::CR0,       reg::EVENTQ_PROD, reg::EVENTQ_CONS, reg::CMDQ_PROD};
        uint32_t offset = offsets[rng.below(16)];
        if (rng.one_in(8))
            offset = static_cast<uint32_t>(rng.bits(rng.coin() ? 17 : 32));
        const unsigned size =
            rng.one_in(16) ? static_cast<unsigned>(rng.bits(6)) : (rng.coin() ? 4 : 8);
        smmu_reg_write(dut.smmu(), offset, size, random_word());
        uint64_t value = 0;
        smmu_reg_read(dut.smmu(), offset, size, &value);
    }

    void write_memory()
    {
        uint64_t at = random_address() + (rng.bits(9) << 3);
        if (rng.one_in(8)) { // a command or the start of a structure that makes some sense
            dut.mem.store64(at & ~ones(6), random_word());
            return;
        }
        if (rng.one_in(4)) {
            stage1_like(at & ~ones(6));
            return;
        }
        for (unsigned i = 0; i < 8; ++i, at += 8)
            dut.mem.store64(at, random_word());
    }

    void stage1_like(uint64_t at)
    {
        ste s;
        cd c;
        s.config = STE_S1_TRANS;
        s.s1contextptr = random_address() + (rng.bits(6) << 6);
        s.s1cdmax = static_cast<unsigned>(rng.bits(rng.coin() ? 2 : 5));
        c.t0sz = static_cast<unsigned>(rng.between(14, 41));
        c.ttb0 = random_address();
        c.ttb1 = random_address();
        switch (rng.below(4)) {
        case 0:
            dut.mem.store_image(at, s.encode());
            break;
        case 1:
            dut.mem.store_image(at, c.encode());
            break;
        case 2:
            dut.mem.store64(at, table_descriptor(random_address()));
            break;
        default:
            dut.mem.store64(at, leaf_descriptor(random_word() & ones(48), 3));
            break;
        }
    }

    void client()
    {
        smmu_txn txn{};
        txn.addr = rng.coin() ? rng.bits(14) : rng.bits(64);
        txn.sid = static_cast<uint32_t>(rng.bits(rng.one_in(8) ? 32 : 6));
        txn.ssid = static_cast<uint32_t>(rng.bits(rng.one_in(8) ? 32 : 2));
        txn.sec = static_cast<uint8_t>(rng.one_in(16) ? rng.bits(2) : 0);
        txn.ssv = rng.one_in(4);
        txn.write = rng.coin();
        txn.instr = rng.coin();
        txn.priv = rng.coin();
        txn.attr = {static_cast<uint8_t>(rng.bits(8)), static_cast<uint8_t>(rng.bits(2))};
        smmu_result result{};
        if (rng.one_in(4))
            smmu_probe(dut.smmu(), &txn, &result);
        else
            smmu_translate(dut.smmu(), &txn, &result);
        ASSERT_LE(result.outcome, SMMU_RAZWI);
        if (result.outcome == SMMU_FORWARD) {
            ASSERT_LE(result.addr, ones(dut.config().oas_bits));
        }
    }

    void aborts()
    {
        dut.mem.clear_aborts();
        if (rng.coin())
            return;
        abort_rule rule;
        rule.first = random_address();
        rule.last = rule.first + rng.bits(14);
        dut.mem.abort_on(rule);
    }

    random_source rng;
    device_under_test dut;
};

TEST_P(Fuzz, Survives)
{
    for (unsigned step = 0; step < steps && !HasFatalFailure(); ++step) {
        switch (rng.below(12)) {
        case 0:
        case 1:
            write_register();
            break;
        case 2:
            smmu_run(dut.smmu());
            break;
        case 3:
        case 4:
        case 5:
            write_memory();
            break;
        case 6:
            if (rng.one_in(64))
                aborts();
            if (rng.one_in(256))
                smmu_reset(dut.smmu());
            break;
        default:
            client();
            break;
        }
    }
    EXPECT_TRUE(dut.contract_breaches.empty()) << dut.contract_breaches.front();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fuzz, testing::Values(0xf0220001, 0xf0220002, 0xf0220003));

} // namespace
