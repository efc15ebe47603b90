// SPDX-License-Identifier: Apache-2.0
// Several frames of registers behind one programming port.
#ifndef SMMU_PINS_REGISTER_MAP_HPP
#define SMMU_PINS_REGISTER_MAP_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace smmu::pins {

// Passes accesses on by address. What is in no frame, or crosses the end of one, ends with
// TLM_ADDRESS_ERROR_RESPONSE.
class register_map_base : public sc_core::sc_module {
  public:
    ~register_map_base() override;

    // Where a frame lies.
    struct frame {
        std::uint64_t base; // its first address
        std::uint64_t size; // in bytes
    };

  protected:
    // Makes a map of `frames`, which do not overlap.
    register_map_base(const sc_core::sc_module_name &name, std::vector<frame> frames);

    // Access the registers: in a frame at the offset from its base.
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    // The same by a debugger.
    unsigned transport_dbg(tlm::tlm_generic_payload &payload);

    // What is behind frame `number`.
    virtual tlm::tlm_fw_transport_if<> &target(std::size_t number) = 0;

  private:
    std::size_t find(const tlm::tlm_generic_payload &payload) const;

    const std::vector<frame> frames_;
};

// A map on sockets of BUSWIDTH bits.
template <unsigned BUSWIDTH = 32> class register_map : public register_map_base {
  public:
    tlm_utils::simple_target_socket<register_map_base, BUSWIDTH> socket{"socket"}; // accesses
    // To each frame.
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<register_map_base, BUSWIDTH>> frames;

    // Makes a map of `places`, which do not overlap.
    register_map(const sc_core::sc_module_name &name, const std::vector<frame> &places)
        : register_map_base(name, places), frames("frame", places.size())
    {
        socket.register_b_transport(this, &register_map::b_transport);
        socket.register_transport_dbg(this, &register_map::transport_dbg);
    }

  private:
    tlm::tlm_fw_transport_if<> &target(std::size_t number) override
    {
        return *frames[number].operator->();
    }
};

} // namespace smmu::pins

#endif
