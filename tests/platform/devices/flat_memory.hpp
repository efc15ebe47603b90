// SPDX-License-Identifier: Apache-2.0
// What memory that tests put behind a socket does with a transaction.
#ifndef TESTS_FLAT_MEMORY_HPP
#define TESTS_FLAT_MEMORY_HPP

#include <cstdint>
#include <cstring>
#include <vector>

#include <tlm>

namespace test {

// Do what `trans` asks of memory that begins at 0.
inline void move(tlm::tlm_generic_payload &trans, std::vector<std::uint8_t> &bytes)
{
    const std::uint64_t at = trans.get_address();
    const unsigned length = trans.get_data_length();

    if (at >= bytes.size() || length > bytes.size() - at) {
        trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    if (trans.is_write())
        std::memcpy(&bytes[at], trans.get_data_ptr(), length);
    else
        std::memcpy(trans.get_data_ptr(), &bytes[at], length);
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace test

#endif
