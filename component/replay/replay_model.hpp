// SPDX-License-Identifier: Apache-2.0
// The SMMU that a log is replayed into, and its host.
#ifndef COMPONENT_REPLAY_REPLAY_MODEL_HPP
#define COMPONENT_REPLAY_REPLAY_MODEL_HPP

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "claims.hpp"
#include "replay_memory.hpp"
#include "smmu/smmu.h"

namespace smmu {

// A transaction that may wait for software, with its room to stall.
struct open_transaction : smmu_stall {
    log_row row;
    bool presented = false;            // translate() has been called
    bool held = false;                 // and has not ended it
    bool reset = false;                // a reset has come since it began
    std::optional<smmu_resume> action; // how software has let it go
    smmu_result result = {};           // the last one
};

// The model with what it has said since it was last asked.
class replay_model {
  public:
    // `memory` and `own` must outlive it. What it does by itself is told to `own`, if that is not
    // nullptr.
    replay_model(const smmu_config &cfg, replay_memory &memory, claims *own);
    replay_model(const replay_model &) = delete;
    replay_model &operator=(const replay_model &) = delete;

    smmu_t *smmu() { return smmu_.get(); }
    // What follows is asked for by this line.
    void set_line(unsigned line) { line_ = line; }
    // The first difference in what it has done by itself, or a read of what the log has not.
    const std::optional<std::string> &difference() const { return difference_; }
    // How much it has done by itself.
    std::size_t writes() const { return writes_; }
    std::size_t interrupts() const { return interrupts_; }

    // Its reads since the last call, as text: what is decided by.
    std::string take_reads();

  private:
    static const smmu_ops ops;

    smmu_mem_status read(const smmu_mem_req &req, void *data);
    smmu_mem_status write(const smmu_mem_req &req, const void *data);
    smmu_mem_status cas(const smmu_mem_req &req, const void *expected, const void *value,
                        void *old);
    void done(const std::string &what, const std::string &value);
    void done_message(const std::string &what, const std::string &value);
    void miss(const smmu_mem_req &req);

    struct deleter {
        void operator()(smmu_t *smmu) const { smmu_destroy(smmu); }
    };

    replay_memory &memory_;
    claims *const own_;
    unsigned line_ = 0;
    std::size_t writes_ = 0;
    std::size_t interrupts_ = 0;
    std::optional<std::string> difference_;
    std::vector<std::string> reads_;
    std::unique_ptr<smmu_t, deleter> smmu_;
};

// Numbers and bytes as a log writes them.
std::string hexadecimal(std::uint64_t value);
std::string hexadecimal(const std::uint8_t *bytes, std::size_t size);

// What the SMMU does by itself, as claims have it: one way to say it for log and model.
struct said {
    std::string what;
    std::string value;
};
said say_write(std::uint64_t addr, const std::uint8_t *bytes, std::size_t size);
said say_interrupt(std::uint64_t sec, std::uint64_t irq);
said say_prg(const smmu_prg_response &response);
said say_atc_inv(const smmu_atc_inv &inv);

} // namespace smmu

#endif
