// SPDX-License-Identifier: Apache-2.0
// Memory as a log tells of it.
#ifndef COMPONENT_REPLAY_REPLAY_MEMORY_HPP
#define COMPONENT_REPLAY_REPLAY_MEMORY_HPP

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "smmu/replay/log.hpp"

namespace smmu {

// Bytes that are known, and accesses that abort. Which rows `read` are still to come is known too:
// what a row shows that comes later than the access that it is of.
class replay_memory {
  public:
    // `rows` must outlive it.
    explicit replay_memory(const std::vector<log_row> &rows);

    // Row number `now` is dealt with.
    void advance(std::size_t now) { now_ = now; }
    // What a row `mem` or `read` says holds from now on.
    void take(const log_row &row);
    // The SMMU has written.
    void store(std::uint64_t addr, const std::uint8_t *bytes, std::size_t size);

    // How a read ends.
    enum class state {
        known,   // the bytes are there
        abort,   // the log says that it aborts
        unknown, // the log does not say
    };
    // Read. A command that the log shows later than the doorbell is taken from there.
    state load(const smmu_mem_req &req, std::uint8_t *bytes) const;

  private:
    static constexpr std::size_t page_bytes = 4096;
    struct page {
        std::uint8_t bytes[page_bytes] = {};
        std::bitset<page_bytes> known;
        std::bitset<page_bytes> aborts;
    };

    page &page_of(std::uint64_t addr);
    state load_known(const smmu_mem_req &req, std::uint8_t *bytes) const;
    const log_row *to_come(const smmu_mem_req &req, std::size_t end) const;
    std::size_t next_reset() const;

    const std::vector<log_row> &rows_;
    std::size_t now_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<page>> pages_;
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> reads_; // rows by address
    std::vector<std::size_t> resets_;                                   // rows of them
};

} // namespace smmu

#endif
