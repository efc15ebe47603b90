// SPDX-License-Identifier: Apache-2.0
// Random-access memory: a TLM target over lazily allocated host memory.
#ifndef VP_RAM_HPP
#define VP_RAM_HPP

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include "host_memory.hpp"
#include "smmu/tlm/at_target.hpp"
#include "vp/device.hpp"

namespace vp {

// One bank of RAM. Addresses are relative to its start. Honours byte enables and streaming width,
// grants DMI over the whole bank unless `direct` is false, answers TLM_ADDRESS_ERROR_RESPONSE
// outside.
class ram : public sc_core::sc_module, public device, private smmu::at_target::user {
  public:
    // `latency` is what one access adds to the delay of its transaction; of one that comes by
    // nb_transport it passes between request and response. Any number of accesses overlap.
    ram(const sc_core::sc_module_name &name, std::uint64_t size,
        const sc_core::sc_time &latency = sc_core::SC_ZERO_TIME, bool direct = true);

    tlm_utils::simple_target_socket<ram> socket;

    std::vector<target *> regs() override { return {&socket}; }
    std::vector<counter> counters() const override;

  private:
    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(tlm::tlm_generic_payload &trans);

    void access(tlm::tlm_generic_payload &trans);
    void request_arrived(tlm::tlm_generic_payload &trans) override;
    void respond(tlm::tlm_generic_payload &trans, const tlm::tlm_phase &phase);

    host_memory memory_;
    sc_core::sc_time latency_;
    bool direct_;
    smmu::at_target phases_;
    tlm_utils::peq_with_cb_and_phase<ram> responses_; // whose latency has not passed
    std::uint64_t reads_ = 0;
    std::uint64_t writes_ = 0;
};

} // namespace vp

#endif
