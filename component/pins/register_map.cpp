// SPDX-License-Identifier: Apache-2.0
// Several frames of registers: see smmu/pins/register_map.hpp.
#include "smmu/pins/register_map.hpp"

#include <utility>

namespace smmu::pins {

register_map_base::register_map_base(const sc_core::sc_module_name &name, std::vector<frame> frames)
    : sc_module(name), frames_(std::move(frames))
{
}

register_map_base::~register_map_base() = default;

// Its number; how many there are if the access is in none.
std::size_t register_map_base::find(const tlm::tlm_generic_payload &payload) const
{
    const std::uint64_t length = payload.get_data_length();
    std::size_t number = 0;
    for (; number < frames_.size(); number++) {
        const frame &each = frames_[number];
        const std::uint64_t offset = payload.get_address() - each.base;
        if (payload.get_address() >= each.base && offset < each.size &&
            length <= each.size - offset)
            break;
    }
    return number;
}

void register_map_base::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    const std::size_t number = find(payload);
    if (number == frames_.size()) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const std::uint64_t address = payload.get_address();
    payload.set_address(address - frames_[number].base);
    target(number).b_transport(payload, delay);
    payload.set_address(address);
}

unsigned register_map_base::transport_dbg(tlm::tlm_generic_payload &payload)
{
    const std::size_t number = find(payload);
    if (number == frames_.size())
        return 0;
    const std::uint64_t address = payload.get_address();
    payload.set_address(address - frames_[number].base);
    const unsigned done = target(number).transport_dbg(payload);
    payload.set_address(address);
    return done;
}

} // namespace smmu::pins
