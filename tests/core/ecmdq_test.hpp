// SPDX-License-Identifier: Apache-2.0
// Enhanced Command queues as software uses them (IHI 0070 3.5.6, 6.2.5, 6.3.107 to 6.3.109).
#ifndef TESTS_CORE_ECMDQ_TEST_HPP
#define TESTS_CORE_ECMDQ_TEST_HPP

#include "support/device_under_test.hpp"

namespace ecmdq {

constexpr uint32_t EN = 1u << 31, ENACK = 1u << 31, ERRACK = 1u << 23, ERR = 1u << 23;
constexpr uint32_t GERROR_CMDQP = 1u << 9;
constexpr uint32_t first_page = 0x30000, page_size = 0x10000;

inline smmu_config config(uint8_t log2_pages = 1, uint8_t log2_queues = 2)
{
    smmu_config cfg = smmu_config_default();
    cfg.ecmdq = true;
    cfg.ecmdq_log2_pages = log2_pages;
    cfg.ecmdq_log2_queues = log2_queues;
    return cfg;
}

// Queue `index` of control page `page`.
class queue {
  public:
    queue(support::device_under_test &dut, unsigned page, unsigned index, unsigned log2 = 4)
        : dut_(dut), log2_(log2), memory(dut.frames.allocate(uint64_t{16} << log2, 0x10000)),
          registers(first_page + page * page_size +
                    index * (page_size >> dut.config().ecmdq_log2_queues)),
          base(registers), prod(registers + 8), cons(registers + 12)
    {
    }

    void program()
    {
        dut_.write64(base, memory | log2_);
        dut_.write32(prod, 0);
        dut_.write32(cons, 0);
        wr_ = 0;
    }
    void enable()
    {
        program();
        dut_.write32(prod, EN);
    }

    // Put a command into memory; ring() tells the SMMU of all.
    void add(const support::command &cmd)
    {
        dut_.mem.store_image(memory + 16 * (wr_ & support::ones(log2_)), cmd);
        wr_ = (wr_ + 1) & static_cast<uint32_t>(support::ones(log2_ + 1));
    }
    uint32_t to_ring() const { return EN | errack_ | wr_; }
    void ring() { dut_.write32(prod, to_ring()); }
    void submit(const support::command &cmd)
    {
        add(cmd);
        ring();
    }
    // Software has seen ERR: consumption goes on.
    void acknowledge()
    {
        errack_ = dut_.read32(cons) & ERR;
        ring();
    }

    uint32_t index() { return dut_.read32(cons) & 0xfffff; }
    uint32_t reason() { return dut_.read32(cons) >> 24 & 7; }
    bool enabled() { return (dut_.read32(cons) & ENACK) != 0; }
    bool in_error() { return ((dut_.read32(cons) ^ dut_.read32(prod)) & ERR) != 0; }
    bool idle() { return index() == wr_; }

  private:
    support::device_under_test &dut_;
    unsigned log2_;
    uint32_t wr_ = 0, errack_ = 0;

  public:
    const uint64_t memory;
    const uint32_t registers, base, prod, cons;
};

} // namespace ecmdq

#endif
