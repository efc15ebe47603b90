// SPDX-License-Identifier: Apache-2.0
// Rows as requests of the C library, and its answers beside those of rows.
#ifndef COMPONENT_REPLAY_REPLAY_ANSWERS_HPP
#define COMPONENT_REPLAY_REPLAY_ANSWERS_HPP

#include <deque>
#include <optional>
#include <string>

#include "smmu/replay/log.hpp"
#include "smmu/smmu.h"

namespace smmu {

smmu_txn txn_of(const log_row &row);
smmu_ats_request ats_of(const log_row &row);
smmu_page_request page_of(const log_row &row);
smmu_prg_response prg_of(const log_row &row);
smmu_atc_inv atc_inv_of(const log_row &row);
smmu_dvm dvm_of(const log_row &row);

// The `begin` with the answer of its `end`.
log_row join(const log_row &begin, const log_row &end);

// Who asks for what, for people.
std::string describe(const log_row &row);
// Bytes from `addr` on that share the answer.
std::uint64_t piece_bytes(const smmu_result &result, std::uint64_t addr);

// The answer to a transaction as the row has it, and the same parts of that of the model. With
// `failed` the access has left and memory has refused it, which is an abort too.
std::string logged_answer(const log_row &row);
std::string model_answer(const log_row &row, const smmu_result &result, bool failed);
// Likewise, of ATS.
std::string logged_completion(const log_row &row);
std::string model_completion(const log_row &row, const smmu_ats_completion &completion);

// Rows `out` that no transaction has taken yet.
class outputs {
  public:
    void add(const log_row &row);
    // A reset: they may be those of what it has ended.
    void forget() { rows_.clear(); }
    const std::deque<log_row> &rows() const { return rows_; }
    // Whether one of them has been refused by memory.
    bool any_failed() const;
    // Take those of a piece of `bytes` bytes. Nothing is asked of logs without such rows.
    std::optional<std::string> match(const log_row &row, const smmu_txn &txn,
                                     const smmu_result &result, std::uint64_t bytes);

  private:
    std::deque<log_row> rows_;
    bool used_ = false; // there has been one
};

} // namespace smmu

#endif
