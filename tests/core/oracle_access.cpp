// SPDX-License-Identifier: Apache-2.0
// The oracle's view of a test's registers and memory.
#include "core/oracle_access.hpp"

#include "support/environment.hpp"

using namespace support;

smmu_fetch fetch_class(oracle::fetch what)
{
    static const smmu_fetch classes[] = {SMMU_FETCH_L1STD,      SMMU_FETCH_STE, SMMU_FETCH_L1CD,
                                         SMMU_FETCH_CD,         SMMU_FETCH_VMS, SMMU_FETCH_TTD,
                                         SMMU_FETCH_TTD_UPDATE, SMMU_FETCH_DPT};
    return classes[static_cast<unsigned>(what)];
}

oracle::registers read_registers(device_under_test &dut)
{
    oracle::registers regs;
    regs.idr0 = dut.read32(reg::IDR0);
    regs.idr1 = dut.read32(reg::IDR1);
    regs.idr3 = dut.read32(reg::IDR3);
    regs.idr5 = dut.read32(reg::IDR5);
    regs.aidr = dut.read32(reg::AIDR);
    regs.cr0 = dut.read32(reg::CR0);
    regs.cr2 = dut.read32(reg::CR2);
    regs.gbpa = dut.read32(reg::GBPA);
    regs.s2pii = dut.read64(reg::S2PII);
    regs.mpamidr = dut.read32(reg::MPAMIDR);
    regs.gmpam = dut.read32(reg::GMPAM);
    regs.gbpmpam = dut.read32(reg::GBPMPAM);
    regs.strtab_base = dut.read64(reg::STRTAB_BASE);
    regs.strtab_base_cfg = dut.read32(reg::STRTAB_BASE_CFG);
    regs.dpt_base = dut.read64(reg::DPT_BASE);
    regs.dpt_base_cfg = dut.read32(reg::DPT_BASE_CFG);
    return regs;
}

static oracle::memory_reader reader_of(const device_under_test &dut)
{
    return [&dut](oracle::fetch what, uint64_t addr, unsigned size, uint8_t *data) {
        if (dut.mem.aborts(addr, size, fetch_class(what)))
            return false;
        dut.mem.load(addr, data, size);
        return true;
    };
}

oracle::answer ask_oracle(const device_under_test &dut, const oracle::registers &regs,
                          const oracle::transaction &txn)
{
    return oracle::translate(regs, reader_of(dut), txn);
}

oracle::answer ask_oracle_translated(const device_under_test &dut, const oracle::registers &regs,
                                     const oracle::transaction &txn)
{
    return oracle::pass_translated(regs, reader_of(dut), txn);
}

unsigned long accesses_wanted(unsigned long otherwise)
{
    return count_from_environment("SMMU_TEST_ACCESSES", otherwise);
}
