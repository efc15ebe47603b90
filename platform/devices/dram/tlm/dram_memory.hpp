// SPDX-License-Identifier: Apache-2.0
// A DRAM with its controller as a TLM target: the bytes of a RAM, in the time of dram/dram.h.
#ifndef VP_DRAM_MEMORY_HPP
#define VP_DRAM_MEMORY_HPP

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "dram/dram.h"
#include "host_memory.hpp"
#include "smmu/tlm/at_target.hpp"
#include "vp/device.hpp"

namespace vp {

// Addresses are relative to its start. An access takes effect when its request is accepted; so
// accesses have their effects in the order in which they have arrived, whatever the order of their
// data on the bus. Responses of transactions with one StreamID and ID (smmu::attributes) and one
// direction come in the order of their requests; those without attributes wait for no other's.
//
// Approximately timed, whoever calls b_transport is blocked through the same queue as transactions
// by nb_transport. Loosely timed, b_transport takes as long as an access to a bank without an open
// row takes, undisturbed. DMI, unless there is none, has these latencies and loads nothing.
class dram_memory : public sc_core::sc_module, public device, private smmu::at_target::user {
  public:
    // Throws std::invalid_argument, with the parameter and the reason, if `config` is wrong.
    dram_memory(const sc_core::sc_module_name &name, std::uint64_t size, const dram_config &config,
                bool approximate, bool direct);
    ~dram_memory() override;

    tlm_utils::simple_target_socket<dram_memory> socket;

    std::vector<target *> regs() override { return {&socket}; }
    std::vector<counter> counters() const override;

  private:
    struct access;
    class blocked_access;

    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(tlm::tlm_generic_payload &trans);

    void request_arrived(tlm::tlm_generic_payload &trans) override;
    void response_taken(tlm::tlm_generic_payload &trans) override;
    void perform(tlm::tlm_generic_payload &trans);
    void advance();
    void wake() { wake_.notify(sc_core::SC_ZERO_TIME); }

    struct deleter {
        void operator()(dram *core) const { dram_destroy(core); }
    };
    bool approximate_;
    bool direct_; // whether there is DMI
    host_memory memory_;
    std::unique_ptr<dram, deleter> core_;
    sc_core::sc_time read_latency_;
    sc_core::sc_time write_latency_;
    smmu::at_target phases_;
    std::unordered_map<tlm::tlm_generic_payload *, std::unique_ptr<access>> accesses_;
    sc_core::sc_event wake_;
};

} // namespace vp

#endif
