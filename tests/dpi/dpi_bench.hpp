// SPDX-License-Identifier: Apache-2.0
// A testbench without a simulator: what smmu_pkg.sv exports is here, and its calls are made with
// structures in place of packed arrays.
#ifndef TESTS_DPI_DPI_BENCH_HPP
#define TESTS_DPI_DPI_BENCH_HPP

#include <functional>
#include <string>
#include <vector>

#include "smmu/dpi.h"
#include "support/cd.hpp"
#include "support/commands.hpp"
#include "support/memory.hpp"
#include "support/ste.hpp"
#include "support/translation_table.hpp"

namespace support {

// One SMMU with memory behind it. At most one at a time is told what happens.
class dpi_bench {
  public:
    static constexpr uint64_t strtab_base = 0x14000000;
    static constexpr uint64_t cmdq_base = 0x10000000;
    static constexpr uint64_t evtq_base = 0x12000000;

    explicit dpi_bench(const std::string &parameters = "");
    ~dpi_bench();
    dpi_bench(const dpi_bench &) = delete;
    dpi_bench &operator=(const dpi_bench &) = delete;

    // Stream 3 with stage 1, `table` and a CD that `context` says the rest of; queues of 64
    // entries; then the SMMU is enabled.
    void bring_up(cd context = {});
    void set_ste(ste entry);
    void submit(const command &cmd);

    static smmu_dpi_txn transaction(uint64_t addr, bool write = false);
    smmu_dpi_result translate(const smmu_dpi_txn &txn);
    uint64_t count(const char *name) const;
    uint32_t read32(unsigned offset) const;

    const int number;
    memory mem;
    frame_allocator frames{0x20000000};
    translation_table table{mem, frames};
    ste stream;

    std::vector<smmu_dpi_access> accesses;             // by SMMU `number`, in order
    std::vector<std::pair<int, int>> interrupts;       // sec, irq
    std::vector<std::pair<int, int>> resumed;          // stall, action
    std::vector<smmu_dpi_inval> invals;                // notices
    std::vector<smmu_dpi_atc_inv> atc_invals;          // Invalidate Requests
    std::vector<smmu_dpi_prg_response> page_responses; // PRG Responses
    std::vector<std::uint32_t> atc_syncs;          // queues asked for, whether they have completed
    std::function<void()> in_access, in_interrupt; // called there

  private:
    uint32_t prod_ = 0;
};

} // namespace support

#endif
