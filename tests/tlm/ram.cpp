// SPDX-License-Identifier: Apache-2.0
// Memory for the TLM tests: see ram.hpp.
#include "ram.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace tlm_test {

void storage::perform(tlm::tlm_generic_payload &payload)
{
    log.push_back({payload.get_address(), payload.get_data_length(), payload.is_write(),
                   payload.get_extension<smmu::attributes>() != nullptr,
                   smmu::attributes::of(payload)});
    payload.set_response_status(move(payload));
}

unsigned storage::count(std::uint32_t sid) const
{
    return static_cast<unsigned>(std::count_if(
        log.begin(), log.end(), [sid](const access &a) { return a.attributes.sid == sid; }));
}

unsigned char *storage::host(std::uint64_t address)
{
    return &bytes_.at(address - base);
}

std::uint64_t storage::load64(std::uint64_t address)
{
    std::uint64_t value = 0;
    std::memcpy(&value, host(address), sizeof value);
    return value;
}

void storage::store64(std::uint64_t address, std::uint64_t value)
{
    std::memcpy(host(address), &value, sizeof value);
}

tlm::tlm_response_status storage::move(tlm::tlm_generic_payload &payload)
{
    const std::uint64_t address = payload.get_address();
    const unsigned length = payload.get_data_length();
    const unsigned width = payload.get_streaming_width();
    const unsigned char *enables = payload.get_byte_enable_ptr();
    if (address < base || address - base > size - length)
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (fails && fails(payload))
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND)
        return tlm::TLM_OK_RESPONSE;
    if (smmu::compare_and_swap *const swap = smmu::compare_and_swap_of(payload); swap && swaps) {
        swap->perform(host(address), payload.get_data_ptr());
        return tlm::TLM_OK_RESPONSE;
    }
    if (smmu::atomic_access *const atomic = smmu::atomic_access_of(payload); atomic && atomics) {
        atomic->perform(host(address), length);
        return tlm::TLM_OK_RESPONSE;
    }
    for (unsigned i = 0; i < length; i++) {
        if (enables && enables[i % payload.get_byte_enable_length()] != TLM_BYTE_ENABLED)
            continue;
        unsigned char &here = *host(address + i % width);
        if (payload.is_write())
            here = payload.get_data_ptr()[i];
        else
            payload.get_data_ptr()[i] = here;
    }
    return tlm::TLM_OK_RESPONSE;
}

ram::ram(const sc_core::sc_module_name &name) : sc_module(name)
{
    port.register_b_transport(this, &ram::b_transport);
    port.register_nb_transport_fw(this, &ram::nb_transport_fw);
    port.register_transport_dbg(this, &ram::transport_dbg);
    port.register_get_direct_mem_ptr(this, &ram::get_direct_mem_ptr);
}

ram::~ram() = default;

void ram::grant_all()
{
    dmi_first = base;
    dmi_last = base + size - 1;
}

void ram::withdraw(std::uint64_t first, std::uint64_t last)
{
    for (unsigned i = 0; i < port.size(); i++)
        port[i]->invalidate_direct_mem_ptr(first, last);
}

void ram::b_transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    if (before)
        before(payload.get_address());
    perform(payload);
    payload.set_dmi_allowed(dmi_first <= dmi_last);
    if (leaves_offsets)
        payload.set_address(payload.get_address() - base);
    delay += latency;
}

// Requests are accepted as they come. Each is served by a process of its own, as `before` may wait.
tlm::tlm_sync_enum ram::nb_transport_fw(int id, tlm::tlm_generic_payload &payload,
                                        tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    payload.acquire();
    answers_.push_back({id, &payload, sc_core::sc_max_time()});
    sc_core::sc_spawn([this, id, &payload, delay, mine = std::prev(answers_.end())] {
        sc_core::sc_time taken = delay;
        b_transport(id, payload, taken);
        mine->due = sc_core::sc_time_stamp() + taken;
        sc_core::wait(taken);
        respond();
    });
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

// Responses that are due at once come in the order of their requests, whichever process wakes
// first.
void ram::respond()
{
    for (auto each = answers_.begin(); each != answers_.end();) {
        if (each->due > sc_core::sc_time_stamp()) {
            ++each;
            continue;
        }
        const answer due = *each;
        each = answers_.erase(each);
        tlm::tlm_phase response = tlm::BEGIN_RESP;
        sc_core::sc_time none;
        port[due.id]->nb_transport_bw(*due.payload, response, none);
        due.payload->release();
    }
}

unsigned ram::transport_dbg(int, tlm::tlm_generic_payload &payload)
{
    debugs++;
    payload.set_streaming_width(payload.get_data_length());
    return move(payload) == tlm::TLM_OK_RESPONSE ? payload.get_data_length() : 0;
}

bool ram::get_direct_mem_ptr(int, tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi)
{
    dmi_asked++;
    const bool inside = payload.get_address() >= dmi_first && payload.get_address() <= dmi_last;
    if (!inside && !grants_elsewhere)
        return false;
    dmi.set_dmi_ptr(host(dmi_first));
    dmi.set_start_address(dmi_first);
    dmi.set_end_address(dmi_last);
    dmi.set_read_latency(latency);
    dmi.set_write_latency(2 * latency); // told apart
    dmi.set_granted_access(granted);
    return true;
}

} // namespace tlm_test
