// SPDX-License-Identifier: Apache-2.0
// What a TBU asks of the payloads of its clients, and how it cuts them.
#ifndef SMMU_TLM_CLIENT_RULES_HPP
#define SMMU_TLM_CLIENT_RULES_HPP

#include <algorithm>
#include <cstdint>

#include <tlm>

#include "piece.hpp"
#include "smmu/tlm/timing.hpp"
#include "smmu/types.h"

namespace smmu {

constexpr std::uint64_t smallest_page = 4096; // an answer is good for all of it

// TLM_OK_RESPONSE, or why the payload is not well formed; an error "/smmu/client/data_pointer" if
// there is nothing to read or write. What else is wrong is the target's to say.
tlm::tlm_response_status check_any_client(const client_payload &client);

// Whether a payload moves bytes, all of them, and nothing can be wrong with how it says so.
inline bool moves_all(const tlm::tlm_generic_payload &payload)
{
    return payload.get_data_ptr() && payload.get_data_length() && payload.get_streaming_width() &&
           !payload.get_byte_enable_ptr();
}

// Whether it is a read or a write like others, as far as its attributes say.
inline bool is_ordinary(const asked_values &values)
{
    return values.op == SMMU_OP_ORDINARY && !values.wrap_beat;
}

// The same as check_any_client(). Mostly a plain read or write of some bytes, which nothing can be
// wrong with.
inline tlm::tlm_response_status check_client(const client_payload &client)
{
    const bool plain = is_ordinary(client.from) && moves_all(client.payload);
    return plain ? tlm::TLM_OK_RESPONSE : check_any_client(client);
}

// Whether the payload moves no data and asks for no operation either: what it is for, only others
// know.
inline bool is_empty(const client_payload &client)
{
    return client.payload.get_command() == tlm::TLM_IGNORE_COMMAND &&
           client.from.op == SMMU_OP_ORDINARY;
}

// Bits of an input address that a mapping of 2^span_log2 bytes passes on unchanged.
inline std::uint64_t span_mask(unsigned span_log2)
{
    return span_log2 < 64 ? (std::uint64_t{1} << span_log2) - 1 : ~std::uint64_t{0};
}

// How many of `wanted` (not 0) bytes from `address` on share its answer. One that is not to forward
// a transaction holds for no more than the smallest page.
[[gnu::always_inline]] inline unsigned covered(const smmu_result &result, std::uint64_t address,
                                               unsigned wanted)
{
    constexpr unsigned smallest_page_log2 = 12;
    const bool mapped = result.outcome == SMMU_FORWARD;
    const std::uint64_t mask = span_mask(mapped ? result.span_log2 : smallest_page_log2);
    const std::uint64_t following = mask - (address & mask);
    return static_cast<unsigned>(std::min<std::uint64_t>(wanted - 1, following)) + 1;
}

// How many of the client's bytes from byte `done` (not all) on share the answer of that one: from
// the beginning all, where addresses repeat before the mapping ends.
[[gnu::always_inline]] inline unsigned covered(const client_payload &client,
                                               const smmu_result &result, unsigned done)
{
    if (done == 0) { // mostly: nothing is to be found out about where it repeats
        const unsigned length = covered(result, client.address(), client.width());
        return length == client.width() ? client.length() : length;
    }
    const unsigned streamed = client.streamed(done);
    return covered(result, client.address() + streamed,
                   std::min(client.length() - done, client.width() - streamed));
}

// Beats on the data path of a TBU: of `length` bytes (not 0) where the phase carries `data`.
inline unsigned beats_of(const timing &times, bool data, unsigned length)
{
    return data && times.tbu_beat_bytes ? (length - 1) / times.tbu_beat_bytes + 1 : 1;
}

} // namespace smmu

#endif
