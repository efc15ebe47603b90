// SPDX-License-Identifier: Apache-2.0
// A bus master for the TLM tests, driven by function calls.
#ifndef TESTS_TLM_INITIATOR_HPP
#define TESTS_TLM_INITIATOR_HPP

#include <cstdint>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "smmu/tlm/attributes.hpp"

namespace tlm_test {

// A payload with its data and, from extend() on, attributes.
class transfer {
  public:
    transfer(tlm::tlm_command command, std::uint64_t address, std::vector<unsigned char> bytes);
    ~transfer();
    transfer(const transfer &) = delete;
    transfer &operator=(const transfer &) = delete;

    transfer &extend(const smmu::attributes &attributes);
    transfer &of_stream(std::uint32_t sid); // keeps attributes.id

    tlm::tlm_generic_payload payload;
    std::vector<unsigned char> data;
    smmu::attributes attributes;
};

transfer read_of(std::uint64_t address, unsigned length);
transfer write_of(std::uint64_t address, std::vector<unsigned char> bytes);

class initiator : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<initiator> socket{"socket"};
    std::vector<std::pair<std::uint64_t, std::uint64_t>> withdrawn; // DMI windows, in order

    explicit initiator(const sc_core::sc_module_name &name);
    ~initiator() override;

    // Send `t` and let its delay pass.
    tlm::tlm_response_status send(transfer &t);

    // Read or write a little-endian number for stream `sid`.
    tlm::tlm_response_status read64(std::uint32_t sid, std::uint64_t address, std::uint64_t &value);
    tlm::tlm_response_status write64(std::uint32_t sid, std::uint64_t address, std::uint64_t value);

    unsigned debug(transfer &t) { return socket->transport_dbg(t.payload); }
    bool dmi(transfer &t, tlm::tlm_dmi &dmi) { return socket->get_direct_mem_ptr(t.payload, dmi); }

  private:
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last);
};

} // namespace tlm_test

#endif
