// SPDX-License-Identifier: Apache-2.0
// Memory of the host as a target of transactions: see host_memory.hpp.
#include "host_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "smmu/tlm/attributes.hpp"

namespace vp {

host_memory::host_memory(std::uint64_t size) : data_(nullptr), size_(size)
{
    void *place = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
        throw std::system_error(errno, std::generic_category(), "cannot reserve guest memory");
    data_ = static_cast<std::uint8_t *>(place);
}

host_memory::~host_memory()
{
    munmap(data_, size_);
}

namespace {

// Moves the bytes of a transaction one by one: those whose byte enable is set, at addresses that
// start again after every streaming width (IEEE 1666 14.8 and 14.11).
void copy_selected(std::uint8_t *memory, const tlm::tlm_generic_payload &trans)
{
    const unsigned char *enable = trans.get_byte_enable_ptr();
    for (unsigned i = 0; i < trans.get_data_length(); i++) {
        if (enable != nullptr && enable[i % trans.get_byte_enable_length()] != TLM_BYTE_ENABLED)
            continue;
        std::uint8_t &cell = memory[i % trans.get_streaming_width()];
        std::uint8_t &data = trans.get_data_ptr()[i];
        if (trans.is_write())
            cell = data;
        else
            data = cell;
    }
}

void copy_all(std::uint8_t *memory, const tlm::tlm_generic_payload &trans, std::uint64_t size)
{
    if (trans.is_write())
        std::memcpy(memory, trans.get_data_ptr(), size);
    else if (trans.is_read())
        std::memcpy(trans.get_data_ptr(), memory, size);
}

} // namespace

// What is wrong with `trans`, which concerns `extent` bytes; TLM_OK_RESPONSE: nothing.
tlm::tlm_response_status host_memory::check(const tlm::tlm_generic_payload &trans,
                                            std::uint64_t extent) const
{
    if (extent == 0)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (trans.get_address() >= size_ || extent > size_ - trans.get_address())
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (trans.get_byte_enable_ptr() != nullptr && trans.get_byte_enable_length() == 0)
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

bool host_memory::access(tlm::tlm_generic_payload &trans)
{
    const std::uint64_t length = trans.get_data_length();
    const std::uint64_t extent = std::min<std::uint64_t>(length, trans.get_streaming_width());
    const tlm::tlm_response_status status = check(trans, extent);

    trans.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE)
        return false;
    std::uint8_t *const bytes = data_ + trans.get_address();
    if (smmu::compare_and_swap *const swap = smmu::compare_and_swap_of(trans)) {
        swap->perform(bytes, trans.get_data_ptr());
        return true;
    }
    if (trans.get_byte_enable_ptr() == nullptr && extent == length)
        copy_all(bytes, trans, length);
    else if (trans.get_command() != tlm::TLM_IGNORE_COMMAND)
        copy_selected(bytes, trans);
    return true;
}

unsigned host_memory::debug_access(tlm::tlm_generic_payload &trans)
{
    const std::uint64_t address = trans.get_address();
    if (address >= size_)
        return 0;
    const std::uint64_t size = std::min<std::uint64_t>(trans.get_data_length(), size_ - address);
    copy_all(data_ + address, trans, size);
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
    return static_cast<unsigned>(size);
}

bool host_memory::grant(std::uint64_t address, const sc_core::sc_time &latency, tlm::tlm_dmi &dmi)
{
    const bool inside = address < size_;
    dmi.set_start_address(inside ? 0 : size_);
    dmi.set_end_address(inside ? size_ - 1 : UINT64_MAX);
    dmi.set_dmi_ptr(data_);
    dmi.set_read_latency(latency);
    dmi.set_write_latency(latency);
    dmi.allow_read_write();
    return inside;
}

} // namespace vp
