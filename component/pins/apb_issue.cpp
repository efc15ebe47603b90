// SPDX-License-Identifier: Apache-2.0
// Transactions as transfers of APB: see apb_issue.hpp.
#include "apb_issue.hpp"

#include <algorithm>
#include <utility>

#include "amba_spaces.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu::pins {

namespace {

// PPROT: privileged, the low bit of the address space, instruction.
std::uint32_t pprot_of(const attributes &given)
{
    return (given.priv ? 1u : 0u) | (amba_space_bits(given.pas) & 1) << 1 | (given.instr ? 4u : 0u);
}

bool pnse_of(const attributes &given)
{
    return amba_space_bits(given.pas) >> 1;
}

std::vector<bool> enables_of(const tlm::tlm_generic_payload &payload)
{
    std::vector<bool> enabled(payload.get_data_length(), true);
    if (const unsigned char *const enables = payload.get_byte_enable_ptr())
        for (std::size_t i = 0; i < enabled.size(); i++)
            enabled[i] = enables[i % payload.get_byte_enable_length()] == TLM_BYTE_ENABLED;
    return enabled;
}

} // namespace

apb_issue::apb_issue(unsigned bytes, unsigned address_width, bool realms,
                     std::function<tlm::tlm_bw_transport_if<> &()> initiator)
    : bytes_(bytes), address_width_(address_width), realms_(realms),
      target_("target", *this, std::move(initiator))
{
}

tlm::tlm_response_status apb_issue::refusal(const tlm::tlm_generic_payload &payload) const
{
    const std::uint64_t length = payload.get_data_length();
    const std::uint64_t size = std::uint64_t{1} << address_width_;
    if (!payload.is_read() && !payload.is_write())
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (length == 0 || payload.get_streaming_width() < length)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (length > size || payload.get_address() > size - length)
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (!realms_ && pnse_of(attributes::of(payload)))
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

// False if there is nothing to transfer: the payload has its response.
bool apb_issue::begin(tlm::tlm_generic_payload &payload, waiter *who)
{
    payload.set_dmi_allowed(false);
    payload.set_response_status(refusal(payload));
    if (!payload.is_response_ok())
        return false;
    const attributes given = attributes::of(payload);
    job it = {&payload,
              who,
              payload.is_write(),
              payload.get_address(),
              {},
              enables_of(payload),
              pprot_of(given),
              pnse_of(given)};
    it.data.assign(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length());
    if (!find_transfer(it))
        return false;
    jobs_.push_back(std::move(it));
    arrival_.notify(sc_core::SC_ZERO_TIME);
    return true;
}

void apb_issue::transport(tlm::tlm_generic_payload &payload)
{
    waiter me;
    if (!begin(payload, &me))
        return;
    const auto mine = std::prev(jobs_.end());
    try {
        sc_core::wait(me.event);
    } catch (const sc_core::sc_unwind_exception &) {
        if (!me.ended) {
            mine->payload = nullptr;
            mine->who = nullptr;
        }
        throw;
    }
}

void apb_issue::request_arrived(tlm::tlm_generic_payload &payload)
{
    if (begin(payload, nullptr))
        target_.accept(payload);
    else
        target_.respond(payload);
}

// The byte behind the word that the next transfer is of.
std::size_t apb_issue::end_of_word(const job &of) const
{
    const std::uint64_t at = of.address + of.next;
    return std::min<std::size_t>(of.next + bytes_ - at % bytes_, of.data.size());
}

// Goes on to the next byte that is enabled, if there is one.
bool apb_issue::find_transfer(job &of) const
{
    while (of.next < of.data.size() && !of.enabled[of.next])
        of.next++;
    return of.next < of.data.size();
}

void apb_issue::edge(apb_pins &pins, pin_level presetn)
{
    if (presetn != pin_level::high) {
        reset(pins);
        return;
    }
    reset_ = false;
    if (phase_ == phase::setup) {
        shown_.penable = true;
        phase_ = phase::access;
    } else if (const apb_response response = pins.sample();
               phase_ == phase::idle || response.pready) {
        if (phase_ == phase::access)
            end_transfer(response);
        begin_transfer();
    }
    pins.drive(shown_);
}

void apb_issue::begin_transfer()
{
    shown_ = {};
    phase_ = phase::idle;
    if (jobs_.empty())
        return;
    const job &of = jobs_.front();
    const std::uint64_t word = (of.address + of.next) / bytes_ * bytes_;
    shown_.psel = shown_.pwakeup = true;
    shown_.pwrite = of.write;
    shown_.paddr = static_cast<std::uint32_t>(word);
    shown_.pprot = of.pprot;
    shown_.pnse = of.pnse;
    for (std::size_t i = of.next; of.write && i < end_of_word(of); i++) {
        const auto lane = static_cast<unsigned>(of.address + i - word);
        shown_.pwdata |= std::uint32_t{of.data[i]} << 8 * lane;
        shown_.pstrb |= of.enabled[i] ? 1u << lane : 0u;
    }
    phase_ = phase::setup;
}

void apb_issue::end_transfer(const apb_response &response)
{
    job &of = jobs_.front();
    const std::size_t end = end_of_word(of);
    if (response.pslverr)
        of.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
    else if (!of.write)
        for (std::size_t i = of.next; i < end; i++)
            of.data[i] =
                static_cast<unsigned char>(response.prdata >> 8 * ((of.address + i) % bytes_));
    of.next = end;
    if (of.status != tlm::TLM_OK_RESPONSE || !find_transfer(of))
        finish();
}

// The first one has its response.
void apb_issue::finish()
{
    const job of = std::move(jobs_.front());
    jobs_.pop_front();
    if (!of.payload)
        return;
    for (std::size_t i = 0; !of.write && of.status == tlm::TLM_OK_RESPONSE && i < of.data.size();
         i++)
        if (of.enabled[i])
            of.payload->get_data_ptr()[i] = of.data[i];
    of.payload->set_response_status(of.status);
    if (of.who) {
        of.who->ended = true;
        of.who->event.notify(sc_core::SC_ZERO_TIME);
    } else {
        target_.respond(*of.payload);
    }
}

// What comes in the answer to an end waits for the end of the reset.
void apb_issue::reset(apb_pins &pins)
{
    shown_ = {};
    phase_ = phase::idle;
    pins.drive(shown_);
    if (reset_)
        return;
    reset_ = true;
    for (std::size_t count = jobs_.size(); count; count--) {
        jobs_.front().status = tlm::TLM_GENERIC_ERROR_RESPONSE;
        finish();
    }
}

} // namespace smmu::pins
