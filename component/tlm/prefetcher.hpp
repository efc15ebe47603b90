// SPDX-License-Identifier: Apache-2.0
// Prefetches of a TCU: each in a process of its own, once the call that has asked for it is over.
#ifndef SMMU_TLM_PREFETCHER_HPP
#define SMMU_TLM_PREFETCHER_HPP

#include <functional>
#include <list>

#include "smmu/ops.h"
#include "worker_pool.hpp"

namespace smmu {

class prefetcher {
  public:
    using maker = std::function<void(const smmu_prefetch_request &what)>; // may block

    explicit prefetcher(maker make); // while modules are built
    ~prefetcher();

    // Make `what` in this moment, when the caller lets others run. Nothing comes of it where `most`
    // are under way: initiators of a loosely-timed model may ask for many before that.
    void add(const smmu_prefetch_request &what);

    // Whether one is to be made, or under way.
    bool busy() const { return !all_.empty(); }

    static constexpr unsigned most = 256;

  private:
    struct one;

    maker make_;
    worker_pool workers_;
    std::list<one> all_;
    std::list<one> idle_;
};

} // namespace smmu

#endif
