// SPDX-License-Identifier: Apache-2.0
// Transactions of initiators that block, which may be killed meanwhile: see tbu_traffic.hpp.
#include <algorithm>
#include <vector>

#include "tbu_flight.hpp"

namespace smmu {

void tbu_traffic::flight::copy(tlm::tlm_generic_payload &from)
{
    const unsigned char *const bytes = from.get_data_ptr();
    const unsigned char *const enables = from.get_byte_enable_ptr();
    own_data.clear();
    if (bytes)
        own_data.assign(bytes, bytes + from.get_data_length());
    own_enables.clear();
    if (enables)
        own_enables.assign(enables, enables + from.get_byte_enable_length());
    set_command(from.get_command());
    set_address(from.get_address());
    set_data_ptr(bytes ? own_data.data() : nullptr);
    set_data_length(from.get_data_length());
    set_streaming_width(from.get_streaming_width());
    set_byte_enable_ptr(enables ? own_enables.data() : nullptr);
    set_byte_enable_length(from.get_byte_enable_length());
    const extension_array &extensions = extensions_of(from);
    if (extensions.size() > extensions_of(*this).size())
        resize_extensions();
    for (unsigned id = 0; id < extensions.size(); id++)
        set_extension(id, extensions[id]);
}

void tbu_traffic::flight::copy_back(tlm::tlm_generic_payload &to) const
{
    if (to.is_read() && to.get_data_ptr())
        std::copy(own_data.begin(), own_data.end(), to.get_data_ptr());
    to.set_dmi_allowed(false);
    to.set_response_status(get_response_status());
}

void tbu_traffic::flight::forget_extensions()
{
    for (unsigned id = 0; id < extensions_of(*this).size(); id++)
        set_extension(id, nullptr);
}

// An initiator that blocks, while it does.
class tbu_traffic::visit {
  public:
    visit(tbu_traffic &traffic, source &from, tlm::tlm_generic_payload &payload)
        : traffic_(traffic), flight_(traffic.new_flight())
    {
        flight_.copy(payload);
        flight_.blocking = true;
        traffic_.arrive_copied(flight_, from);
    }

    ~visit()
    {
        flight_.forget_extensions();
        if (flight_.over)
            traffic_.give_back(flight_);
        else
            traffic_.abandon(flight_);
    }
    visit(const visit &) = delete;
    visit &operator=(const visit &) = delete;

    void wait(tlm::tlm_generic_payload &payload)
    {
        while (!flight_.over)
            sc_core::wait(flight_.ended);
        flight_.copy_back(payload);
    }

  private:
    tbu_traffic &traffic_;
    flight &flight_;
};

void tbu_traffic::transport(unsigned initiator, tlm::tlm_generic_payload &payload)
{
    visit(*this, *sources_[initiator], payload).wait(payload);
}

// The process of its initiator has been killed, and is being unwound.
void tbu_traffic::abandon(flight &f)
{
    f.abandoned = true;
    f.values.atomic = nullptr;
    f.values.exclusive = nullptr;
    if (f.out)
        f.out->forget_client();
    steps_.enter(sc_core::SC_ZERO_TIME, &f, does<&tbu_traffic::drop>);
}

// What has not entered, or has no answer, needs none any more. What has goes on.
void tbu_traffic::drop(flight &f)
{
    if (!f.abandoned)
        return;
    const auto place = std::find(arrived_.begin(), arrived_.end(), &f);
    if (place != arrived_.end()) {
        arrived_.erase(place);
        meter_.level(tbu_level::waiting, arrived_.size());
        f.measured = nullptr;
        give_back(f);
        let_enter();
        return;
    }
    if (!f.asking && !f.followed)
        return;
    if (f.followed) {
        auto &others = f.followed->followers;
        others.erase(std::find(others.begin(), others.end(), &f));
        f.followed = nullptr;
    } else {
        workers_.kill(f);
        f.asking = false;
    }
    f.in_transit.end();
    f.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
    f.measured = nullptr;
    const std::vector<flight *> followers = leave_missing(f);
    end(f);
    for (flight *each : followers)
        follow(*each);
}

} // namespace smmu
