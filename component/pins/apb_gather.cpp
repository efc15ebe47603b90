// SPDX-License-Identifier: Apache-2.0
// Transfers of APB as transactions: see apb_gather.hpp.
#include "apb_gather.hpp"

#include <algorithm>
#include <utility>

#include "amba_spaces.hpp"

namespace smmu::pins {

apb_gather::apb_gather(unsigned bytes, std::function<tlm::tlm_fw_transport_if<> &()> target)
    : bytes_(bytes), initiator_("initiator", *this, std::move(target))
{
}

// Extensions are members of the transactions.
apb_gather::~apb_gather()
{
    for (const std::unique_ptr<transaction> &each : all_)
        each->clear_extension<smmu::attributes>();
}

// A transfer begins with PSEL, and ends where PENABLE and PREADY are high.
void apb_gather::edge(apb_answering_pins &pins, pin_level presetn)
{
    if (presetn != pin_level::high) {
        phase_ = phase::idle;
        current_ = nullptr;
        pins.drive({});
        return;
    }
    if (phase_ == phase::answering)
        phase_ = phase::idle;
    else if (const apb_request request = pins.sample(); phase_ == phase::idle && request.psel)
        begin(request);
    const bool answered = phase_ == phase::waiting && !current_;
    if (answered)
        phase_ = phase::answering;
    pins.drive(answered ? answer_ : apb_response());
}

void apb_gather::begin(const apb_request &request)
{
    if (idle_.empty()) {
        all_.push_back(std::make_unique<transaction>(static_cast<tlm::tlm_mm_interface *>(this)));
        idle_.push_back(all_.back().get());
    }
    transaction &it = *idle_.back();
    idle_.pop_back();
    it.acquire();
    phase_ = phase::waiting;
    current_ = &it;
    if (fill(it, request))
        initiator_.send(it);
    else
        response_arrived(it);
}

// False if no byte is to be written.
bool apb_gather::fill(transaction &it, const apb_request &request) const
{
    const std::uint32_t all = (1u << bytes_) - 1;
    for (unsigned i = 0; i < bytes_; i++) {
        it.data[i] = static_cast<unsigned char>(request.pwrite ? request.pwdata >> 8 * i : 0);
        it.enables[i] = request.pstrb >> i & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    }
    const bool part = request.pwrite && (request.pstrb & all) != all;
    it.attributes = {};
    it.attributes.priv = request.pprot & 1;
    it.attributes.pas = amba_space_of((request.pnse ? 2u : 0u) | (request.pprot >> 1 & 1));
    it.attributes.instr = request.pprot & 4;
    it.set_extension(&it.attributes);
    it.set_command(request.pwrite ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    it.set_address(request.paddr & ~static_cast<std::uint64_t>(bytes_ - 1));
    it.set_data_ptr(it.data);
    it.set_data_length(bytes_);
    it.set_streaming_width(bytes_);
    it.set_byte_enable_ptr(part ? it.enables : nullptr);
    it.set_byte_enable_length(part ? bytes_ : 0);
    it.set_dmi_allowed(false);
    const bool nothing = part && !(request.pstrb & all);
    it.set_response_status(nothing ? tlm::TLM_OK_RESPONSE : tlm::TLM_INCOMPLETE_RESPONSE);
    return !nothing;
}

// It may be one of before a reset, which nobody waits for.
void apb_gather::end(const tlm::tlm_generic_payload &payload)
{
    const auto &it = static_cast<const transaction &>(payload);
    if (current_ == &it) {
        current_ = nullptr;
        answer_ = {true, !it.is_response_ok(), 0};
        for (unsigned i = 0; it.is_read() && it.is_response_ok() && i < bytes_; i++)
            answer_.prdata |= std::uint32_t{it.data[i]} << 8 * i;
    }
}

void apb_gather::response_arrived(tlm::tlm_generic_payload &payload)
{
    end(payload);
    payload.release();
}

void apb_gather::free(tlm::tlm_generic_payload *payload)
{
    payload->reset(); // of what others have left in it (IEEE 1666 14.5, 14.8)
    idle_.push_back(static_cast<transaction *>(payload));
}

} // namespace smmu::pins
