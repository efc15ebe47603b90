// SPDX-License-Identifier: Apache-2.0
// The bench of the TLM tests: an SMMU with memory, a CPU, devices, and the software they run.
#ifndef TESTS_TLM_BENCH_HPP
#define TESTS_TLM_BENCH_HPP

#include <cstdint>
#include <functional>
#include <vector>

#include <systemc>

#include "initiator.hpp"
#include "ram.hpp"
#include "smmu/tlm/protocol_checker.hpp"
#include "smmu/tlm/smmuv3.hpp"
#include "support/events.hpp"
#include "support/registers.hpp"
#include "support/tables.hpp"

namespace tlm_test {

namespace reg = support::reg;

// The simulated time, by value: what sc_time_stamp() refers to moves on.
inline sc_core::sc_time now()
{
    return sc_core::sc_time_stamp();
}

// Counts the edges of a wire.
class edge_counter : public sc_core::sc_module {
  public:
    sc_core::sc_signal<bool> wire{"wire"};
    unsigned rises = 0;
    unsigned falls = 0;
    sc_core::sc_time rose;
    sc_core::sc_time fell;

    explicit edge_counter(const sc_core::sc_module_name &name);
    ~edge_counter() override;

  private:
    void count();
};

class bench : public sc_core::sc_module {
  public:
    static constexpr std::uint64_t cmdq = ram::base;
    static constexpr std::uint64_t evtq = ram::base + 0x1'0000;
    static constexpr std::uint64_t strtab = ram::base + 0x2'0000;
    static constexpr std::uint64_t tables = ram::base + 0x10'0000; // CDs, translation tables
    static constexpr std::uint64_t data = ram::base + 0x80'0000;   // what devices may reach

    ram memory{"memory"};
    smmu::smmuv3 smmu;
    initiator cpu{"cpu"};
    sc_core::sc_vector<initiator> devices; // device i on port i
    edge_counter evtq_irq{"evtq_irq"};
    edge_counter priq_irq{"priq_irq"};
    edge_counter cmd_sync_irq{"cmd_sync_irq"};
    edge_counter gerror_irq{"gerror_irq"};
    edge_counter sev{"sev"};

    // On every hop: a breach of the base protocol fails the test.
    smmu::protocol_checker<> prog_checker{"prog_checker"}, walk_checker{"walk_checker"};
    sc_core::sc_vector<smmu::protocol_checker<>> dev_checkers, mem_checkers;

    // The last `unbound` of the ports have no device, and the last `elsewhere` no memory behind
    // their checkers: the test binds something else to them. `sharing` is that of the SMMU; devices
    // of the bench are at the first socket of each TBU.
    explicit bench(const sc_core::sc_module_name &name, const smmu::timing &times = {},
                   unsigned tbus = 1, const smmu_config &cfg = smmu_config_default(),
                   unsigned unbound = 0, unsigned elsewhere = 0,
                   const std::vector<unsigned> &sharing = {});

    ~bench() override;

    initiator &device() { return devices[0]; }

    // Simulate until `test`, run as a process, returns. Once per process.
    void run(std::function<void()> test);

    // Software on the CPU.
    std::uint32_t read32(std::uint32_t offset);
    void write32(std::uint32_t offset, std::uint32_t value);
    void write64(std::uint32_t offset, std::uint64_t value);
    // Queues and Stream table, then CR0.SMMUEN.
    void bring_up(std::uint32_t cr2 = reg::CR2_RECINVSID | reg::CR2_PTM);
    void set_ste(std::uint32_t sid, const support::ste &ste);
    void submit(const support::command &command); // does not wait
    void sync();                                  // waits for all commands to be consumed
    std::uint32_t event_count();                  // EVENTQ_PROD
    support::event event(std::uint32_t index);    // of the first 64

    // For streams: memory that tables are built in, and its copy to where the SMMU sees it.
    support::memory scratch;
    support::frame_allocator frames{tables};
    void publish_tables();

  private:
    std::uint32_t cmdq_prod_ = 0;
};

// A stream with stage 1 translation.
class stream {
  public:
    stream(bench &b, std::uint32_t sid, unsigned asid = 1);

    std::uint32_t sid() const { return sid_; }
    unsigned asid() const { return cd_.asid; }
    support::cd &context() { return cd_; }
    support::ste &entry() { return ste_; }
    void publish(); // after a change to context() or entry()

    void map(std::uint64_t va, std::uint64_t pa, unsigned level = 3,
             const support::leaf_attributes &attributes = {});
    void unmap(std::uint64_t va);
    std::uint64_t descriptor_address(std::uint64_t va, unsigned level);

  private:
    bench &bench_;
    std::uint32_t sid_;
    support::translation_table table_;
    support::cd cd_;
    support::ste ste_;
};

} // namespace tlm_test

#endif
