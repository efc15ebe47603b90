// SPDX-License-Identifier: Apache-2.0
// Bytes of the host, and what transactions do to them.
#ifndef VP_HOST_MEMORY_HPP
#define VP_HOST_MEMORY_HPP

#include <cstdint>

#include <systemc>
#include <tlm>

namespace vp {

// Zero-filled memory of the host, given a page at a time when first touched. Addresses of payloads
// are relative to its start.
class host_memory {
  public:
    // Reserves address space for `size` bytes. Throws std::system_error if the host refuses.
    explicit host_memory(std::uint64_t size);
    ~host_memory();
    host_memory(const host_memory &) = delete;
    host_memory &operator=(const host_memory &) = delete;

    std::uint8_t *data() { return data_; }
    std::uint64_t size() const { return size_; }

    // Do what `trans` asks for and set its response status; returns whether that was possible.
    // Honours byte enables, streaming width and smmu::compare_and_swap; outside of the memory the
    // answer is TLM_ADDRESS_ERROR_RESPONSE.
    bool access(tlm::tlm_generic_payload &trans);

    // The same for a debugger: as many bytes as there are; returns how many.
    unsigned debug_access(tlm::tlm_generic_payload &trans);

    // Grant all of it for direct access at `latency`, or if the address is outside refuse all that
    // is; returns whether it is granted.
    bool grant(std::uint64_t address, const sc_core::sc_time &latency, tlm::tlm_dmi &dmi);

  private:
    tlm::tlm_response_status check(const tlm::tlm_generic_payload &trans,
                                   std::uint64_t extent) const;

    std::uint8_t *data_;
    std::uint64_t size_;
};

} // namespace vp

#endif
