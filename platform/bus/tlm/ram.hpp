// SPDX-License-Identifier: Apache-2.0
// Random-access memory: a TLM target over lazily allocated host memory.
#ifndef VP_RAM_HPP
#define VP_RAM_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "vp/device.hpp"

namespace vp {

// Zero-filled memory of the host, given a page at a time when first touched.
class host_memory {
  public:
    // Reserves address space for `size` bytes. Throws std::system_error if the host refuses.
    explicit host_memory(std::uint64_t size);
    ~host_memory();
    host_memory(const host_memory &) = delete;
    host_memory &operator=(const host_memory &) = delete;

    std::uint8_t *data() { return data_; }
    std::uint64_t size() const { return size_; }

  private:
    std::uint8_t *data_;
    std::uint64_t size_;
};

// One bank of RAM. Addresses are relative to its start. Honours byte enables and streaming width,
// grants DMI over the whole bank, answers TLM_ADDRESS_ERROR_RESPONSE outside.
class ram : public sc_core::sc_module, public device {
  public:
    // `latency` is what one access adds to the delay of its transaction.
    ram(const sc_core::sc_module_name &name, std::uint64_t size,
        const sc_core::sc_time &latency = sc_core::SC_ZERO_TIME);

    tlm_utils::simple_target_socket<ram> socket;

    std::vector<target *> regs() override { return {&socket}; }
    std::vector<counter> counters() const override;

  private:
    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(tlm::tlm_generic_payload &trans);

    host_memory memory_;
    sc_core::sc_time latency_;
    std::uint64_t reads_ = 0;
    std::uint64_t writes_ = 0;
};

} // namespace vp

#endif
