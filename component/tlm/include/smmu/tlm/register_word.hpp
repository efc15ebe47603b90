// SPDX-License-Identifier: Apache-2.0
// Payloads as register accesses, of the SMMU and of the platform's devices alike.
#ifndef SMMU_TLM_REGISTER_WORD_HPP
#define SMMU_TLM_REGISTER_WORD_HPP

#include <cstdint>

#include <tlm>

namespace smmu {

// The bytes of a payload that a register access is about, little-endian: all of them, or the one
// word that byte enables select. So a bus that is wider than a register, as AXI is, reaches it.
class register_word {
  public:
    // Of an access. Its payload must outlive the word, here and below.
    explicit register_word(const tlm::tlm_generic_payload &payload)
        : address_(payload.get_address()), data_(payload.get_data_ptr()),
          size_(payload.get_data_length())
    {
        if (!payload.is_read() && !payload.is_write())
            status_ = tlm::TLM_COMMAND_ERROR_RESPONSE;
        else if (payload.get_byte_enable_ptr() && !select(payload))
            status_ = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
        else if (payload.get_streaming_width() < payload.get_data_length() || !is_size())
            status_ = tlm::TLM_BURST_ERROR_RESPONSE;
    }

    // Of a debug access, which has neither byte enables nor a streaming width.
    static register_word of_debugger(const tlm::tlm_generic_payload &payload)
    {
        register_word word;
        word.address_ = payload.get_address();
        word.data_ = payload.get_data_ptr();
        word.size_ = payload.get_data_length();
        if (!payload.is_read() && !payload.is_write())
            word.status_ = tlm::TLM_COMMAND_ERROR_RESPONSE;
        else if (!word.is_size())
            word.status_ = tlm::TLM_BURST_ERROR_RESPONSE;
        return word;
    }

    // TLM_OK_RESPONSE, or why this is no access to a register: TLM_COMMAND_ERROR_RESPONSE if it is
    // neither read nor write; TLM_BYTE_ENABLE_ERROR_RESPONSE if it has byte enables that select
    // anything but one aligned word of 4 or 8 bytes; TLM_BURST_ERROR_RESPONSE if it is streaming,
    // or has a length other than 1, 2, 4 and 8. The rest means something only where it is an
    // access.
    tlm::tlm_response_status status() const { return status_; }

    std::uint64_t address() const { return address_; } // of the first byte
    unsigned size() const { return size_; }            // 1, 2, 4 or 8 bytes

    // The value that a write carries.
    std::uint64_t load() const
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < size_; i++)
            value |= std::uint64_t{data_[i]} << (8 * i);
        return value;
    }

    // Put the value that a read returns into the payload.
    void store(std::uint64_t value)
    {
        for (unsigned i = 0; i < size_; i++)
            data_[i] = static_cast<unsigned char>(value >> (8 * i));
    }

  private:
    register_word() = default;

    bool is_size() const { return size_ == 1 || size_ == 2 || size_ == 4 || size_ == 8; }

    // Cut the access to the word that the byte enables select; false if that is none.
    bool select(const tlm::tlm_generic_payload &payload)
    {
        const unsigned char *enables = payload.get_byte_enable_ptr();
        const unsigned period = payload.get_byte_enable_length();
        if (!period)
            return false;
        unsigned first = 0;
        unsigned end = 0;
        unsigned enabled = 0;
        for (unsigned i = 0; i < payload.get_data_length(); i++) {
            if (enables[i % period] != TLM_BYTE_ENABLED)
                continue;
            first = enabled ? first : i;
            end = i + 1;
            enabled++;
        }
        address_ += first;
        data_ += first;
        size_ = enabled;
        return enabled == end - first && (enabled == 4 || enabled == 8) && address_ % enabled == 0;
    }

    std::uint64_t address_ = 0;
    unsigned char *data_ = nullptr;
    unsigned size_ = 0;
    tlm::tlm_response_status status_ = tlm::TLM_OK_RESPONSE;
};

} // namespace smmu

#endif
