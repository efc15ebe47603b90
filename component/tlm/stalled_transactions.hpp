// SPDX-License-Identifier: Apache-2.0
// Transactions that the SMMU has stalled, and the processes that wait for them to be let go.
#ifndef SMMU_TLM_STALLED_TRANSACTIONS_HPP
#define SMMU_TLM_STALLED_TRANSACTIONS_HPP

#include <memory>
#include <vector>

#include <systemc>

#include "smmu/smmu.h"

namespace smmu {

class stalled_transactions {
  public:
    class place;

    stalled_transactions();
    ~stalled_transactions();

    // The core lets the transaction at `stall` go.
    void resume(smmu_stall *stall, smmu_resume action);

  private:
    struct room;

    std::vector<std::unique_ptr<room>> rooms_; // all there are
    std::vector<room *> idle_;                 // of them those without a transaction
};

// Room for one transaction to stall, any number of times. The room itself outlives the place: where
// a process is killed, waiting for its answer or for memory, the core may still hold it.
class stalled_transactions::place {
  public:
    place(stalled_transactions &all, smmu_t *smmu);
    ~place();
    place(const place &) = delete;
    place &operator=(const place &) = delete;

    smmu_stall *stall();                  // for smmu_txn.stall
    void answered() { answered_ = true; } // the transaction has its outcome: the room is free

    // After SMMU_STALLED: suspend the calling process until the transaction is let go, and for as
    // long as it is itself ahead of time by `delay`, which shrinks by the time that passes.
    smmu_resume wait(sc_core::sc_time &delay);

  private:
    stalled_transactions &all_;
    smmu_t *smmu_;
    room *room_;
    bool answered_ = false;
};

} // namespace smmu

#endif
