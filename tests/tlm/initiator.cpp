// SPDX-License-Identifier: Apache-2.0
// A bus master for the TLM tests: see initiator.hpp.
#include "initiator.hpp"

#include <cstring>

namespace tlm_test {

transfer::transfer(tlm::tlm_command command, std::uint64_t address,
                   std::vector<unsigned char> bytes)
    : data(std::move(bytes))
{
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(static_cast<unsigned>(data.size()));
    payload.set_streaming_width(static_cast<unsigned>(data.size()));
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

transfer::~transfer()
{
    payload.clear_extension(&attributes);
}

transfer &transfer::extend(const smmu::attributes &with)
{
    attributes = with;
    payload.set_extension(&attributes);
    return *this;
}

transfer &transfer::of_stream(std::uint32_t sid)
{
    smmu::attributes with;
    with.sid = sid;
    with.id = attributes.id;
    return extend(with);
}

transfer read_of(std::uint64_t address, unsigned length)
{
    return {tlm::TLM_READ_COMMAND, address, std::vector<unsigned char>(length, 0xee)};
}

transfer write_of(std::uint64_t address, std::vector<unsigned char> bytes)
{
    return {tlm::TLM_WRITE_COMMAND, address, std::move(bytes)};
}

initiator::initiator(const sc_core::sc_module_name &name) : sc_module(name)
{
    socket.register_invalidate_direct_mem_ptr(this, &initiator::invalidate_direct_mem_ptr);
}

initiator::~initiator() = default;

tlm::tlm_response_status initiator::send(transfer &t)
{
    sc_core::sc_time delay;
    socket->b_transport(t.payload, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return t.payload.get_response_status();
}

tlm::tlm_response_status initiator::read64(std::uint32_t sid, std::uint64_t address,
                                           std::uint64_t &value)
{
    transfer t = read_of(address, 8);
    const tlm::tlm_response_status status = send(t.of_stream(sid));
    std::memcpy(&value, t.data.data(), sizeof value);
    return status;
}

tlm::tlm_response_status initiator::write64(std::uint32_t sid, std::uint64_t address,
                                            std::uint64_t value)
{
    std::vector<unsigned char> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    transfer t = write_of(address, std::move(bytes));
    return send(t.of_stream(sid));
}

void initiator::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last)
{
    withdrawn.emplace_back(first, last);
}

} // namespace tlm_test
