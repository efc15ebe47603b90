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

#include "pcie/atc.h"
#include "pcie/function.h"
#include "pcie_upstream.hpp"
#include "vp/device.hpp"

namespace vp {

class translation_client {
  public:
    // Throws std::invalid_argument for a cache that makes no sense.
    translation_client(pcie_fn *fn, const pcie_atc_config &cache);

    // Before simulation starts; `upstream` must outlive the function.
    void connect(pcie_upstream &upstream) { upstream_ = &upstream; }

    // Find out where `addr` is: from the cache, else from the root complex, else by asking for the
    // page. Blocks. What is found is good until the caller next waits, and later as long as it
    // holds a `use` taken before that.
    pcie_access_end resolve(std::uint64_t addr, std::uint32_t pasid, bool write,
                            std::uint64_t &translated);

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

    // --- from the root complex; these never block ---

    // Forget translations; `completed` is called once nobody uses them any more, perhaps at once.
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
    struct invalidation {
        std::uint64_t next_use; // uses from here on do not matter
        std::function<void()> completed;
    };

    static pcie_atc *create(const pcie_atc_config &cache);
    bool may_ask() const;
    pcie_translation ask(std::uint64_t addr, std::uint32_t pasid, bool write);
    pcie_access_end ask_for_page(std::uint64_t addr, std::uint32_t pasid, bool write);
    void complete_invalidations();

    pcie_fn *fn_;
    pcie_upstream *upstream_ = nullptr;
    std::unique_ptr<pcie_atc, atc_deleter> atc_;
    std::set<std::uint64_t> uses_;
    std::uint64_t next_use_ = 0;
    std::deque<invalidation> invalidations_;
    sc_core::sc_event answered_; // a page request, or there is no use in waiting
    std::uint64_t requests_ = 0;
    std::uint64_t page_requests_ = 0;
};

} // namespace vp

#endif
