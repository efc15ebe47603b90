// SPDX-License-Identifier: Apache-2.0
// The translations of a function with ATS: its cache, its requests for translations and pages.
#ifndef VP_PCIE_TRANSLATION_CLIENT_HPP
#define VP_PCIE_TRANSLATION_CLIENT_HPP

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>

#include <systemc>

#include "pcie/pcie_atc.h"
#include "pcie/pcie_function.h"
#include "pcie_upstream.hpp"
#include "vp/device.hpp"

namespace vp {

// Options of a function's translations.
struct translation_options {
    pcie_atc_config cache = {16, 4};
    sc_core::sc_time invalidation; // from its arrival until the function has forgotten
    sc_core::sc_time lookup;       // in the cache, of each page that is accessed
};

// How an access asks for a page that is missing.
struct page_demand {
    unsigned pages = 1; // to ask for in one group: the missing one and those that follow it
    // Asked while it waits, whenever reconsider() is called: false gives the access up. Nothing:
    // it waits as long as it takes.
    std::function<bool()> wanted;
};

class translation_client {
  public:
    // Throws std::invalid_argument for a cache that makes no sense.
    translation_client(pcie_fn *fn, const translation_options &options);

    // Before simulation starts; `upstream` must outlive the function.
    void connect(pcie_upstream &upstream) { upstream_ = &upstream; }

    // At the start of simulation.
    void start();

    // Find out where `addr` is: from the cache, else from the root complex, else by asking for the
    // page. Blocks. The result is good until the caller next waits, and later as long as it
    // holds a `use` taken before that.
    pcie_access_end resolve(std::uint64_t addr, std::uint32_t pasid, bool write,
                            const page_demand &demand, std::uint64_t &translated);

    // Accesses that wait for pages may not be wanted any more.
    void reconsider() { answered_.notify(sc_core::SC_ZERO_TIME); }

    // The use of `pasid` has stopped. If pages were asked for with it since it was last stopped, or
    // page requests were switched on, sends a Stop Marker and returns true. May block.
    bool stop(std::uint32_t pasid);

    // Translated requests under way: an invalidation completes after those that were there when it
    // came.
    class use {
      public:
        explicit use(translation_client &client) : client_(client), number_(client.next_use_++)
        {
            client_.uses_.insert(number_);
        }
        ~use()
        {
            client_.uses_.erase(number_);
            client_.complete_invalidations();
        }
        use(const use &) = delete;
        use &operator=(const use &) = delete;

      private:
        translation_client &client_;
        std::uint64_t number_;
    };

    // --- from the root complex ---

    // Waits until one more invalidation can be held, as many being held at a time as the ATS
    // capability says, or until `deadline`. Returns whether it can.
    bool wait_for_room(const sc_core::sc_time &deadline);

    // Forget translations; `completed` is called once nobody uses them any more, perhaps at once.
    // This and respond() never block.
    void invalidate(const pcie_invalidation &inv, std::function<void()> completed);
    void respond(std::uint16_t index, unsigned code);

    // --- from the function ---

    // It was reset, or its configuration was written.
    void changed();

    std::vector<device::counter> counters() const;

  private:
    struct atc_deleter {
        void operator()(pcie_atc *atc) const { pcie_atc_destroy(atc); }
    };
    struct received { // an invalidation that is not carried out yet
        sc_core::sc_time due;
        pcie_invalidation what;
        std::function<void()> completed;
    };
    struct invalidation {       // one that is
        std::uint64_t next_use; // uses from here on do not matter
        std::function<void()> completed;
    };

    static pcie_atc *create(const pcie_atc_config &cache);
    bool may_send() const;
    pcie_translation ask(std::uint64_t addr, std::uint32_t pasid, bool write);
    pcie_access_end ask_for_pages(std::uint64_t addr, std::uint32_t pasid, bool write,
                                  const page_demand &demand);
    pcie_access_end begin_group(const page_demand &demand, unsigned &requests,
                                std::uint16_t &index);
    pcie_access_end end_group(const page_demand &demand, std::uint16_t index);
    void send_page_request(const pcie_page_request &request);
    void carry_out_received();
    void carry_out(const received &invalidation);
    void complete_invalidations();

    pcie_fn *fn_;
    pcie_upstream *upstream_ = nullptr;
    std::unique_ptr<pcie_atc, atc_deleter> atc_;
    sc_core::sc_time invalidation_time_;
    sc_core::sc_time lookup_time_;
    std::deque<received> received_; // in the order they came, which is that of `due`
    sc_core::sc_event invalidation_received_;
    std::set<std::uint64_t> uses_;
    std::uint64_t next_use_ = 0;
    std::deque<invalidation> invalidations_;
    sc_core::sc_event invalidation_completed_;
    std::set<std::uint32_t> paged_; // PASIDs whose stop takes a Stop Marker
    sc_core::sc_event answered_;    // a page request, or there may be no use in waiting
    std::uint64_t requests_ = 0;
    std::uint64_t page_requests_ = 0;
    std::uint64_t stop_markers_ = 0;
};

} // namespace vp

#endif
