// SPDX-License-Identifier: Apache-2.0
// Payloads of a TBU's own: see piece.hpp.
#include "piece.hpp"

namespace smmu {

void client_payload::raz_wi(unsigned done, unsigned length)
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

void piece::set(const client_payload &client, const smmu_result &result, unsigned done,
                unsigned length)
{
    const tlm::tlm_generic_payload &from = client.payload;
    const bool whole = length == client.length();
    unsigned char *const data = from.get_data_ptr();
    unsigned char *const enables = from.get_byte_enable_ptr();
    const unsigned period = from.get_byte_enable_length();

    own_ = client.from;
    own_.pas = static_cast<smmu_pas>(result.pas);
    own_.op = static_cast<smmu_op>(result.op);
    own_.memattr = result.attr;
    own_.instr = result.instr;
    own_.priv = result.priv;
    own_.pbha = result.pbha;
    own_.swap = nullptr; // nobody has asked whether the client may write

    set_command(from.get_command());
    set_address(result.addr - own_.begins_at());
    set_data_ptr(data ? data + done : nullptr);
    set_data_length(length);
    set_streaming_width(whole ? from.get_streaming_width() : length);
    set_byte_enable_ptr(enables);
    set_byte_enable_length(period);
    if (enables && !whole) {
        enables_.resize(length);
        for (unsigned i = 0; i < length; i++)
            enables_[i] = enables[(done + i) % period];
        set_byte_enable_ptr(enables_.data());
        set_byte_enable_length(length);
    }
    set_dmi_allowed(false);
    set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    borrow_extensions(from);
}

// Mostly there are none.
void piece::borrow_extensions(const tlm::tlm_generic_payload &from)
{
    forget_extensions();
    for (unsigned id = 0; id < extensions_; id++) {
        tlm::tlm_extension_base *const theirs =
            id == attributes::ID ? nullptr : from.get_extension(id);
        if (!theirs)
            continue;
        set_extension(id, theirs);
        borrowed_.push_back(id);
    }
}

void piece_pool::grow()
{
    all_.push_back(std::make_unique<piece>());
    idle_.push_back(all_.back().get());
}

} // namespace smmu
