// SPDX-License-Identifier: Apache-2.0
// System software that does the same to the core and to QEMU, and compares what comes of it.
#ifndef TESTS_DIFFERENTIAL_LOCKSTEP_HPP
#define TESTS_DIFFERENTIAL_LOCKSTEP_HPP

#include <optional>
#include <vector>

#include "differential/core_machine.hpp"
#include "differential/qemu_machine.hpp"
#include "support/commands.hpp"
#include "support/events.hpp"
#include "support/memory.hpp"
#include "support/stream_table.hpp"

namespace differential {

// The same thing of both machines.
template <typename T> struct both {
    T core;
    T qemu;
};

class lockstep {
  public:
    // Tables are built from here up to data_base; data of the devices lies above.
    static constexpr uint64_t cmdq_base = 0x40400000;
    static constexpr uint64_t evtq_base = 0x40410000;
    static constexpr uint64_t strtab_base = 0x40800000;
    static constexpr uint64_t frames_base = 0x41000000;
    static constexpr uint64_t data_base = 0x80000000;

    lockstep();

    both<uint32_t> read32(uint32_t offset);
    both<uint64_t> read64(uint32_t offset);
    void write32(uint32_t offset, uint32_t value);
    void write64(uint32_t offset, uint64_t value);

    // Forget all tables, then program queues and Stream table and enable everything.
    void bring_up(const support::stream_table_shape &shape);
    void set_ste(uint32_t sid, const support::ste &entry);
    uint64_t ste_address(uint32_t sid) { return strtab_->ste_address(sid); }
    uint64_t l1std_address(uint32_t sid) const { return strtab_->l1std_address(sid); }

    // What was built in `mem` becomes visible to both SMMUs.
    void publish();

    void submit(const support::command &cmd);
    void replace_last(const support::command &cmd); // the entry submitted last, in place
    void invalidate_all();

    // Records of both Event queues, which are emptied.
    both<std::vector<support::event>> pop_events();

    // One DMA access; expects equal data and equal events but for the known gaps. Returns the type
    // of the event, or 0.
    unsigned access(unsigned device, uint64_t addr, bool write);

    core_machine core;
    qemu_machine qemu;
    support::memory mem; // software's view
    support::frame_allocator frames{frames_base};

  private:
    void store_command(uint32_t position, const support::command &cmd);
    std::vector<support::event> drain(machine &m, uint32_t &cons);
    void put_data(uint64_t addr);
    void compare_data(unsigned device, uint64_t addr, bool write);

    support::memory published_;
    std::optional<support::stream_table> strtab_;
    uint32_t cmdq_prod_ = 0;
    both<uint32_t> evtq_cons_{0, 0};
    uint64_t datum_ = 0;
};

} // namespace differential

#endif
