// SPDX-License-Identifier: Apache-2.0
// A host whose operations block: each call into the SMMU is a task on a stack of its own, and any
// task may go on next. It watches that the SMMU accesses memory only where the registers, as they
// read at that moment, let it.
#ifndef TESTS_CORE_REENTRY_HOST_HPP
#define TESTS_CORE_REENTRY_HOST_HPP

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/fuzz_bytes.hpp"
#include "support/device_under_test.hpp"
#include "support/fiber.hpp"

class reentry_host : public support::device_under_test {
  public:
    // Thrown into a task that is killed where it waits.
    struct killed {};

    explicit reentry_host(const smmu_config &cfg);
    ~reentry_host();

    // A call into the SMMU. A `client` counts for ops.drain until `body` returns.
    void spawn(std::function<void()> body, bool client);

    // Let the task number `n` of those that could go on do so, to its next wait or its end. The
    // access it waits for fails with `fail`; with `kill` the task ends there.
    // False if no task can go on.
    bool step(uint64_t n, bool fail, bool kill);
    bool idle() const { return tasks_.empty(); }
    size_t tasks() const { return tasks_.size(); }

    // Slots that are taken (smmu/units.def).
    unsigned slots_taken() const;

    // A call for the background work, if it was asked for and fewer than `most` are at it.
    void start_work(unsigned most = 1);
    bool working() const { return workers_ != 0; }

    void reset();

    // Write a register; the work that follows is left.
    void write(uint32_t offset, uint64_t value, unsigned size = 4);
    // Program queues, Stream table and interrupts, and write CR0.
    void program(uint32_t cr0);

    // Whether a task waits in an access of this class, or for clients (ops.drain); how many wait
    // for their turn (ops.lock).
    bool waits_in(smmu_fetch fetch) const;
    bool waits_for_drain() const;
    unsigned waiting_for_turn() const;

    uint32_t reg(uint32_t offset) const;
    bool enabled(uint32_t cr0_bits) const;

    std::function<void(smmu_stall *, smmu_resume)> on_resume;

    // Where the MSIs of this fuzzer go: 16 bytes for each source.
    static constexpr uint64_t msi_base = 0x18000000;
    static constexpr uint64_t gerror_msi = msi_base, priq_msi = msi_base + 0x10,
                              eventq_msi = msi_base + 0x20, sync_msi = msi_base + 0x30;
    // Enhanced Command queues, of one control page with two (IHI 0070 6.2.5, 6.3.107 to 6.3.109).
    static constexpr unsigned ecmdqs = 2;
    static constexpr uint32_t ECMDQ_EN = 1u << 31, ECMDQ_ERR = 1u << 23;
    static constexpr uint32_t ecmdq_base(unsigned n) { return 0x30000 + n * 0x8000; }
    static constexpr uint32_t ecmdq_prod(unsigned n) { return ecmdq_base(n) + 0x8; }
    static constexpr uint32_t ecmdq_cons(unsigned n) { return ecmdq_base(n) + 0xc; }
    static constexpr uint64_t ecmdq_memory(unsigned n) { return cmdq_base + 0x10000 * (n + 1); }

    static constexpr unsigned cmdq_log2 = 3, evtq_log2 = 1, priq_log2 = 1;

  private:
    enum class wait { nothing, access, lock, drain, slot };
    struct task;

    static reentry_host &self(void *user);
    static void adapt(smmu_ops &ops);
    bool can_go_on(const task &t) const;
    bool block(wait what);
    smmu_mem_status access(const smmu_mem_req &req, const std::function<void()> &effect);
    smmu_mem_status read(const smmu_mem_req &req, void *data);
    void check_access(const smmu_mem_req &req, bool begins) const;
    void check_command_fetch(uint64_t addr, bool begins) const;
    void check_queue_write(const smmu_mem_req &req, uint32_t base, uint32_t prod, uint32_t cons,
                           unsigned log2, unsigned entry_log2) const;
    void check_record(const void *data) const;
    void lock();
    void drain();
    void use(const smmu_use &unit);
    void release(const smmu_use &unit);

    std::vector<std::unique_ptr<task>> tasks_;
    task *running_ = nullptr;
    uint64_t serial_ = 0;
    unsigned resets_ = 0;
    bool locked_ = false;
    std::array<unsigned, SMMU_UNIT_COUNT> slots_taken_{};
    bool rung_ = false;
    bool early_ = false; // the last read was
    unsigned workers_ = 0;
};

#endif
