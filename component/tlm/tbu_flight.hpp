// SPDX-License-Identifier: Apache-2.0
// A transaction in a TBU, and the initiator it is of: see tbu_traffic.hpp.
#ifndef SMMU_TLM_TBU_FLIGHT_HPP
#define SMMU_TLM_TBU_FLIGHT_HPP

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client_rules.hpp"
#include "tbu_traffic.hpp"

namespace smmu {

struct tbu_traffic::source {
    tbu_traffic &traffic;
    const unsigned number;
    device_side side;
    // Reads and writes that have entered and have not been answered, if anything limits who enters.
    unsigned inside[2] = {};
    std::deque<const tlm::tlm_generic_payload *> late; // of them, whose responses wait for others

    source(tbu_traffic &at, unsigned n, std::function<tlm::tlm_bw_transport_if<> &()> upstream)
        : traffic(at), number(n),
          side(("requests_" + std::to_string(n)).c_str(), *this, std::move(upstream))
    {
    }

    // Its side tells.
    [[gnu::always_inline]] inline void request_arrived(tlm::tlm_generic_payload &payload);
    void response_begins(tlm::tlm_generic_payload &payload);
    void response_taken(tlm::tlm_generic_payload &) {}
};
extern template class basic_at_target<tbu_traffic::source>;
extern template class basic_at_initiator<tbu_traffic>;

// A client's transaction from its arrival to its response. It is a payload itself: a copy of that
// of an initiator that blocks, which may be killed.
struct tbu_traffic::flight final : tlm::tlm_generic_payload,
                                   order_gate::member,
                                   worker_pool::job,
                                   tcu_base::transit::listener {
    tbu_traffic &traffic;
    std::optional<client_payload> client;
    attributes values; // of a client that blocks, which may be killed
    source *sender = nullptr;
    flight *next_idle = nullptr;
    bool write = false;
    bool counted = false; // as inside its source
    bool has_slot = false;
    bool blocking = false;  // the initiator waits for `ended`
    bool abandoned = false; // or has been killed
    bool asking = false;    // a process of a worker asks the TCU
    bool over = false;
    bool ready = false;  // to pass the gate
    bool last = false;   // so is the piece that is on its way
    unsigned data = 0;   // beats of write data that wait
    unsigned done = 0;   // bytes that have been answered
    unsigned length = 0; // bytes of the piece that is on its way
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    sc_core::sc_event ended;
    std::vector<unsigned char> own_data; // of the copy
    std::vector<unsigned char> own_enables;

    std::uint64_t generation = 0; // of the SMMU when it was asked
    flight *followed = nullptr;   // whose miss it waits for
    tcu_base::transit in_transit;
    piece *out = nullptr;
    std::vector<flight *> followers; // wait until its miss has been answered
    transaction_record record = {};
    transaction_record *measured = nullptr; // that, or null: it is not

    explicit flight(tbu_traffic &at) : traffic(at), in_transit(at.tcu_, *this) {}
    ~flight() override { forget_extensions(); }
    flight(const flight &) = delete;
    flight &operator=(const flight &) = delete;

    std::uint64_t address() const { return client->address() + client->streamed(done); }

    bool same_page(const flight &other) const
    {
        constexpr unsigned page_log2 = 12;
        const attributes &a = client->from;
        const attributes &b = other.client->from;
        return a.sid == b.sid && a.ssv == b.ssv && a.ssid == b.ssid && a.sec == b.sec &&
               address() >> page_log2 == other.address() >> page_log2;
    }

    void run() override { traffic.ask(*this); }
    void stalls() override { traffic.let_followers_go(*this); }

    void copy(tlm::tlm_generic_payload &from);
    void copy_back(tlm::tlm_generic_payload &to) const;
    void forget_extensions();
    void clear();
};

inline void tbu_traffic::flight::clear()
{
    blocking = abandoned = asking = over = ready = false;
    done = length = 0;
}

inline tbu_traffic::flight &tbu_traffic::new_flight()
{
    if (!idle_)
        make_flight();
    flight &f = *idle_;
    idle_ = f.next_idle;
    return f;
}

inline void tbu_traffic::give_back(flight &f)
{
    f.clear();
    f.next_idle = idle_;
    idle_ = &f;
}

// Nobody waits where nothing is limited.
inline void tbu_traffic::let_enter()
{
    if (entry_limited_ && !arrived_.empty())
        let_first_enter();
}

template <void (tbu_traffic::*WHAT)(tbu_traffic::flight &)>
void tbu_traffic::does(tbu_traffic &traffic, flight &f)
{
    (traffic.*WHAT)(f);
}

} // namespace smmu

#endif
