// SPDX-License-Identifier: Apache-2.0
// A transaction on its way through a router, and the two ends of its sockets.
#ifndef VP_ROUTER_PASSAGE_HPP
#define VP_ROUTER_PASSAGE_HPP

#include <string>

#include "router.hpp"
#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/at_target.hpp"

namespace vp {

// Gives a transaction another address while it is downstream.
class readdressed {
  public:
    readdressed(tlm::tlm_generic_payload &trans, std::uint64_t address)
        : trans_(trans), original_(trans.get_address())
    {
        trans.set_address(address);
    }
    ~readdressed() { trans_.set_address(original_); }
    readdressed(const readdressed &) = delete;
    readdressed &operator=(const readdressed &) = delete;

  private:
    tlm::tlm_generic_payload &trans_;
    std::uint64_t original_;
};

struct router::passage {
    crossbar_txn txn = {};
    tlm::tlm_generic_payload *payload = nullptr;
    std::uint64_t address = 0;          // that the initiator gave
    std::uint64_t relative = 0;         // to the range of the target
    unsigned target = 0;                // downstream port of the router that owns the address
    sc_core::sc_event *moved = nullptr; // of a blocked caller
};

// One that blocks its caller. It leaves the crossbar when the caller does, who may be killed.
class router::blocked_passage : public router::passage {
  public:
    // Enters the crossbar.
    blocked_passage(router &owner, unsigned port, tlm::tlm_generic_payload &trans);
    ~blocked_passage();
    blocked_passage(const blocked_passage &) = delete;
    blocked_passage &operator=(const blocked_passage &) = delete;

    // Until the request is delivered, or the response has returned.
    void wait() { sc_core::wait(event_); }

  private:
    router &owner_;
    sc_core::sc_event event_;
};

class router::upstream_phases : private smmu::at_target::user {
  public:
    upstream_phases(router &owner, unsigned port)
        : side(("up_phases_" + std::to_string(port)).c_str(), *this,
               [&owner, port]() -> tlm::tlm_bw_transport_if<> & {
                   return *owner.up[port].operator->();
               }),
          owner_(owner), port_(port)
    {
    }

    smmu::at_target side;

  private:
    void request_arrived(tlm::tlm_generic_payload &trans) override
    {
        owner_.request_arrived(port_, trans);
    }
    void response_taken(tlm::tlm_generic_payload &trans) override
    {
        owner_.response_taken(owner_.of(trans));
    }

    router &owner_;
    unsigned port_;
};

class router::downstream_phases : private smmu::at_initiator::user {
  public:
    downstream_phases(router &owner, unsigned port)
        : side(("down_phases_" + std::to_string(port)).c_str(), *this,
               [&owner, port]() -> tlm::tlm_fw_transport_if<> & {
                   return *owner.down[port].operator->();
               }),
          owner_(owner)
    {
    }

    smmu::at_initiator side;

  private:
    void request_accepted(tlm::tlm_generic_payload &trans) override
    {
        crossbar_accept(owner_.crossbar_.get(), &owner_.of(trans).txn);
        owner_.wake();
    }
    void response_arrived(tlm::tlm_generic_payload &trans) override
    {
        owner_.response_arrived(owner_.of(trans));
    }

    router &owner_;
};

} // namespace vp

#endif
