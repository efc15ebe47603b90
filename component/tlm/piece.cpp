// SPDX-License-Identifier: Apache-2.0
// Payloads of a TBU's own: see piece.hpp.
#include "piece.hpp"

namespace smmu {

__attribute__((noinline)) bool any_of(tlm::tlm_extension_base *const *first, std::size_t count)
{
    std::uintptr_t bits = 0;
    for (std::size_t i = 0; i < count; i++)
        bits |= reinterpret_cast<std::uintptr_t>(first[i]);
    return bits != 0;
}

const attributes &default_attributes()
{
    static const attributes defaults;
    return defaults;
}

void client_payload::raz_wi(unsigned done, unsigned length) const
{
    const unsigned char *enables = payload.get_byte_enable_ptr();
    const unsigned period = payload.get_byte_enable_length();
    for (unsigned i = done; payload.is_read() && i < done + length; i++)
        if (!enables || enables[i % period] == TLM_BYTE_ENABLED)
            payload.get_data_ptr()[i] = 0;
}

piece::~piece()
{
    forget_extensions();
    clear_extension(&own_);
}

void piece::cut_enables(unsigned done, unsigned length)
{
    const unsigned char *const all = get_byte_enable_ptr();
    const unsigned period = get_byte_enable_length();
    enables_.resize(length);
    for (unsigned i = 0; i < length; i++)
        enables_[i] = all[(done + i) % period];
    set_byte_enable_ptr(enables_.data());
    set_byte_enable_length(length);
}

// There are more types of them than when this piece was made.
void piece::make_room()
{
    resize_extensions();
    room_ = extensions_of(*this).size();
}

void piece::borrow_others(const extension_array &extensions)
{
    const auto count = static_cast<unsigned>(extensions.size());
    for (unsigned id = 0; id < count; id++) {
        if (!extensions[id] || id == attributes::ID)
            continue;
        set_extension(id, extensions[id]);
        borrowed_.push_back(id);
    }
}

void piece::give_back_extensions()
{
    for (const unsigned id : borrowed_)
        tlm::tlm_generic_payload::set_extension(id, nullptr);
    borrowed_.clear();
}

void piece_pool::grow()
{
    all_.push_back(std::make_unique<piece>());
    idle_ = all_.back().get();
}

} // namespace smmu
