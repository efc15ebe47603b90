// SPDX-License-Identifier: Apache-2.0
// What a TBU asks of the payloads of its clients: see client_rules.hpp.
#include "client_rules.hpp"

#include "errors.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu {

namespace {

// Whether the command is the one that an operation comes with (attributes::op).
bool fits(const tlm::tlm_generic_payload &payload, smmu_op op)
{
    switch (op) {
    case SMMU_OP_ORDINARY:
        return true;
    case SMMU_OP_READ_CLEAN_INVALIDATE:
    case SMMU_OP_READ_DESTRUCTIVE:
        return payload.is_read();
    case SMMU_OP_WRITE_PREFETCH:
    case SMMU_OP_ATOMIC:
        return payload.is_write();
    default:
        return payload.get_command() == tlm::TLM_IGNORE_COMMAND;
    }
}

bool is_power_of_two(unsigned value)
{
    return value && !(value & (value - 1));
}

// Whether a wrapping burst is one that AXI has (IHI 0022 L A3.1.2, A3.1.4).
bool wraps(const tlm::tlm_generic_payload &payload, const attributes &from)
{
    const unsigned length = payload.get_data_length();
    const unsigned beat = from.wrap_beat;
    const unsigned beats = length / beat;
    return is_power_of_two(beat) && is_power_of_two(length) && beats >= 2 && beats <= 16 &&
           payload.get_address() % length == 0 && from.wrap_first < length &&
           from.wrap_first % beat == 0 && payload.get_streaming_width() >= length;
}

} // namespace

tlm::tlm_response_status check_any_client(const client_payload &client)
{
    const tlm::tlm_generic_payload &payload = client.payload;
    if (!fits(payload, client.from.op))
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (!payload.get_data_length() || !payload.get_streaming_width() ||
        (client.from.wrap_beat && !wraps(payload, client.from)))
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr() && !payload.get_byte_enable_length())
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (payload.get_command() != tlm::TLM_IGNORE_COMMAND && !payload.get_data_ptr()) {
        report(host_error::data_pointer);
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    return tlm::TLM_OK_RESPONSE;
}

} // namespace smmu
