// SPDX-License-Identifier: Apache-2.0
// One SMMU with memory behind it, driven through its registers as system software would.
#ifndef TESTS_SUPPORT_DEVICE_UNDER_TEST_HPP
#define TESTS_SUPPORT_DEVICE_UNDER_TEST_HPP

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "smmu/smmu.h"
#include "support/cd.hpp"
#include "support/commands.hpp"
#include "support/events.hpp"
#include "support/memory.hpp"
#include "support/registers.hpp"
#include "support/ste.hpp"
#include "support/stream_table.hpp"

namespace support {

// What a client does.
struct client_access {
    bool write = false;
    bool instr = false;
    bool priv = false;
    bool ssv = false;
    uint32_t ssid = 0;
    bool translated = false;
};

constexpr client_access read_access{};
constexpr client_access write_access{true, false, false, false, 0, false};
constexpr client_access instr_access{false, true, false, false, 0, false};
constexpr client_access priv_read{false, false, true, false, 0, false};
constexpr client_access priv_write{true, false, true, false, 0, false};
constexpr client_access priv_instr{false, true, true, false, 0, false};
constexpr client_access translated_read{false, false, false, false, 0, true};
constexpr client_access translated_write{true, false, false, false, 0, true};

// Sizes software chooses when it brings the SMMU up.
struct bring_up_options {
    stream_table_shape strtab;
    unsigned cmdq_log2 = 6;
    unsigned evtq_log2 = 6;
    unsigned priq_log2 = 3;
    uint32_t cr2 = reg::CR2_RECINVSID | reg::CR2_PTM;
    uint32_t irq_ctrl = reg::IRQ_GERROR | reg::IRQ_EVENTQ;
    uint32_t cr0 = 0; // beside the Command and Event queue and SMMUEN
};

// A stalled transaction that the SMMU let go.
struct resumed_stall {
    smmu_stall *stall;
    smmu_resume action;
};

class device_under_test {
  public:
    static constexpr uint64_t cmdq_base = 0x10000000;
    static constexpr uint64_t evtq_base = 0x12000000;
    static constexpr uint64_t priq_base = 0x13000000;
    static constexpr uint64_t strtab_base = 0x14000000;
    static constexpr uint64_t frames_base = 0x20000000;

    // `ats`: the system beyond the SMMU has ATS and PRI. `adapt` may put other functions into the
    // ops table; they get the device_under_test as user.
    explicit device_under_test(const smmu_config &cfg = smmu_config_default(), bool ats = true,
                               const std::function<void(smmu_ops &)> &adapt = {});
    ~device_under_test();
    device_under_test(const device_under_test &) = delete;
    device_under_test &operator=(const device_under_test &) = delete;

    smmu_t *smmu() { return smmu_; }
    const smmu_config &config() const { return cfg_; }

    // Registers. Accesses must be accepted, else std::logic_error. Writes are followed by
    // smmu_run(), as a host that defers would do soon after.
    uint32_t read32(uint32_t offset);
    uint64_t read64(uint32_t offset);
    void write32(uint32_t offset, uint32_t value);
    void write64(uint32_t offset, uint64_t value);

    // Write CR0 and wait for CR0ACK; std::runtime_error if it does not follow.
    void update_cr0(uint32_t value);

    // Program queues, Stream table and interrupts, then enable the queues and the SMMU.
    void bring_up(const bring_up_options &options = {});

    // Stream table, linear with 256 entries until bring_up() says otherwise. Nothing is
    // invalidated.
    void set_ste(uint32_t sid, const ste &entry);
    uint64_t ste_address(uint32_t sid) { return strtab_->ste_address(sid); }
    uint64_t l1std_address(uint32_t sid) const { return strtab_->l1std_address(sid); }

    // Command queue. submit() writes one entry and moves PROD; the queue must have room.
    void submit(const command &cmd);
    void invalidate_all(); // CFGI_ALL, TLBI_NSNH_ALL, SYNC
    uint32_t cmdq_error();
    void acknowledge_gerror(); // GERRORN = GERROR

    // Event queue. pop_raw_events() empties it and moves CONS; the overflow flag stays.
    std::vector<image<4>> pop_raw_events();
    std::vector<event> pop_events();
    void acknowledge_overflow();

    // PRI queue. Empties it and moves CONS; the overflow flag stays.
    std::vector<image<2>> pop_page_requests();

    smmu_result translate(uint32_t sid, uint64_t va, const client_access &how = read_access);
    // The same for a client that can wait; `room` stays in place until it is in `resumed`.
    smmu_result translate(smmu_stall &room, uint32_t sid, uint64_t va,
                          const client_access &how = read_access);
    // The same again, by order of SMMU_RESUME_RETRY.
    smmu_result retry(smmu_stall &room, uint32_t sid, uint64_t va,
                      const client_access &how = read_access);
    static smmu_txn transaction(uint32_t sid, uint64_t va, const client_access &how);
    smmu_result probe(uint32_t sid, uint64_t va, const client_access &how = read_access);

    // A Translation Request for one STU.
    smmu_ats_completion ats_translate(smmu_ats_request request);

    memory mem;
    frame_allocator frames{frames_base};
    std::vector<smmu_irq> irqs;                 // pulses, in order
    std::vector<smmu_inval> invals;             // notices, in order
    std::vector<resumed_stall> resumed;         // stalls let go, in order
    std::vector<smmu_atc_inv> atc_invs;         // Invalidate Requests, in order
    unsigned atc_syncs = 0;                     // waits for their completion
    bool atc_times_out = false;                 // the next of them fails
    std::vector<smmu_prg_response> responses;   // PRG Responses, in order
    unsigned sevs = 0;                          // wake-up events
    std::vector<std::string> contract_breaches; // requests that smmu/ops.h does not allow

  private:
    void check_request(const smmu_mem_req &req);
    void run_if_deferred();
    smmu_result run(const smmu_txn &txn);

    smmu_config cfg_;
    smmu_t *smmu_ = nullptr;
    bool deferred_ = false;
    std::optional<stream_table> strtab_;
    bring_up_options options_;
    uint32_t cmdq_prod_ = 0;
    uint32_t evtq_cons_ = 0;
    uint32_t priq_cons_ = 0;
};

} // namespace support

#endif
