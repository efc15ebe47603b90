// SPDX-License-Identifier: Apache-2.0
// Between the functions of a host and the ATS port of one SMMU.
#ifndef VP_ROOT_ATS_HPP
#define VP_ROOT_ATS_HPP

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <vector>

#include <systemc>

#include "pcie/pcie_ats.h"
#include "smmu/tlm/ats.hpp"

namespace vp {

class translation_client;

class root_ats : public sc_core::sc_module, public smmu::ats_client {
  public:
    // The functions with ATS that can be reached and have the StreamID.
    using finder = std::function<std::vector<translation_client *>(std::uint32_t sid)>;

    // An invalidation has to complete within `timeout`.
    root_ats(const sc_core::sc_module_name &name, finder find, const sc_core::sc_time &timeout);

    // The SMMU. Without one Translation Requests are unsupported, and page requests lost.
    sc_core::sc_port<smmu::ats_server, 1, sc_core::SC_ZERO_OR_MORE_BOUND> server{"server"};

    // Requests of functions; may block.
    pcie_translation translate(std::uint32_t sid, const pcie_translation_request &wanted,
                               sc_core::sc_time &delay);
    void request_page(std::uint32_t sid, const pcie_page_request &wanted, sc_core::sc_time &delay);

    // Requests to them. An invalidation waits while a function has no room for it, until that
    // is a time-out.
    void invalidate(const smmu_atc_inv &inv) override;
    bool wait_invalidated(std::uint32_t queue) override;
    void respond(const smmu_prg_response &response) override;

    std::uint64_t timeouts() const { return timeouts_; }

  private:
    struct pending {
        std::uint64_t number;
        std::uint32_t queue;
        sc_core::sc_time deadline;
    };

    void complete(std::uint64_t number);

    finder find_;
    sc_core::sc_time timeout_;
    std::list<pending> pending_; // in the order sent; what the functions hold, at most
    std::map<std::uint32_t, std::uint64_t>
        missed_; // time-outs that no CMD_SYNC of the queue was told of
    std::uint64_t next_ = 0;
    std::uint64_t timeouts_ = 0;
    sc_core::sc_event completed_;
};

} // namespace vp

#endif
