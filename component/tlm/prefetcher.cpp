// SPDX-License-Identifier: Apache-2.0
// Prefetches of a TCU: see prefetcher.hpp.
#include "prefetcher.hpp"

#include <iterator>
#include <utility>

namespace smmu {

struct prefetcher::one final : worker_pool::job {
    prefetcher &owner;
    smmu_prefetch_request what = {};
    std::list<one>::iterator place = {}; // in one of its lists

    explicit one(prefetcher &of) : owner(of) {}

    void run() override
    {
        owner.make_(what);
        owner.idle_.splice(owner.idle_.begin(), owner.all_, place);
    }
};

prefetcher::prefetcher(maker make) : make_(std::move(make)) {}

prefetcher::~prefetcher() = default;

void prefetcher::add(const smmu_prefetch_request &what)
{
    if (all_.size() == most)
        return;
    if (idle_.empty())
        idle_.emplace_back(*this);
    all_.splice(all_.end(), idle_, idle_.begin());
    all_.back().what = what;
    all_.back().place = std::prev(all_.end());
    workers_.run(all_.back());
}

} // namespace smmu
