// SPDX-License-Identifier: Apache-2.0
// Sparse physical memory that can abort accesses on request and remembers what was accessed.
#ifndef TESTS_SUPPORT_MEMORY_HPP
#define TESTS_SUPPORT_MEMORY_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "smmu/ops.h"
#include "support/bits.hpp"

namespace support {

// Which accesses of the SMMU are to end in an external abort.
struct abort_rule {
    uint64_t first = 0;              // addresses first to last, inclusive
    uint64_t last = ~uint64_t{0};    //
    std::optional<smmu_fetch> fetch; // only accesses of this class
    unsigned skip = 0;               // this many matching accesses pass before the first abort
};

// A message-signalled interrupt that arrived.
struct msi_write {
    uint64_t addr;
    uint32_t data;
    smmu_memattr attr;
};

// One access the SMMU made.
struct mem_access {
    smmu_mem_req req;
    bool write;
    smmu_mem_status status;
};

class memory {
  public:
    // Direct access, as by software: never aborts, is not logged. Memory never written reads zero.
    void store(uint64_t addr, const void *data, size_t size);
    void load(uint64_t addr, void *data, size_t size) const;
    void store32(uint64_t addr, uint32_t value);
    void store64(uint64_t addr, uint64_t value);
    uint32_t load32(uint64_t addr) const;
    uint64_t load64(uint64_t addr) const;
    template <size_t N> void store_image(uint64_t addr, const image<N> &img)
    {
        for (size_t i = 0; i < N; ++i)
            store64(addr + 8 * i, img.word[i]);
    }
    template <size_t N> image<N> load_image(uint64_t addr) const
    {
        image<N> img;
        for (size_t i = 0; i < N; ++i)
            img.word[i] = load64(addr + 8 * i);
        return img;
    }

    // Access by the SMMU: calls `before`, applies the abort rules, logs.
    smmu_mem_status read(const smmu_mem_req &req, void *data);
    smmu_mem_status write(const smmu_mem_req &req, const void *data);
    smmu_mem_status cas(const smmu_mem_req &req, const void *expected, const void *value,
                        void *old);

    void abort_on(const abort_rule &rule) { rules_.push_back(rule); }
    void clear_aborts() { rules_.clear(); }
    // Whether a rule without a `skip` makes an access of `size` bytes at `addr` abort.
    bool aborts(uint64_t addr, size_t size, smmu_fetch fetch) const;

    // Called before an access of the SMMU takes effect; may call the SMMU again, as another
    // coroutine would while the access blocks.
    std::function<void(const smmu_mem_req &)> before;

    const std::vector<mem_access> &log() const { return log_; }
    void clear_log() { log_.clear(); }
    void keep_log(bool keep) { keep_log_ = keep; }
    // MSIs that did not abort, in order.
    const std::vector<msi_write> &msis() const { return msis_; }
    void clear_msis() { msis_.clear(); }
    // Number of logged accesses of one class.
    size_t count(smmu_fetch fetch) const;

    void clear() { pages_.clear(); }

  private:
    static constexpr size_t page_size = 4096;
    using page = std::array<uint8_t, page_size>;

    smmu_mem_status begin(const smmu_mem_req &req, bool write);

    std::unordered_map<uint64_t, std::unique_ptr<page>> pages_;
    std::vector<abort_rule> rules_;
    std::vector<mem_access> log_;
    std::vector<msi_write> msis_;
    bool keep_log_ = true;
};

// Hands out memory of one region from the bottom up.
class frame_allocator {
  public:
    explicit frame_allocator(uint64_t base) : next_(base) {}
    // `align` is a power of two.
    uint64_t allocate(uint64_t size, uint64_t align)
    {
        const uint64_t at = (next_ + align - 1) & ~(align - 1);
        next_ = at + size;
        return at;
    }

  private:
    uint64_t next_;
};

} // namespace support

#endif
