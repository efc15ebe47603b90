// SPDX-License-Identifier: Apache-2.0
// Transactions on a time line, for ui.perfetto.dev: the JSON trace event format.
#ifndef SMMU_TLM_PERFETTO_TRACE_HPP
#define SMMU_TLM_PERFETTO_TRACE_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "smmu/tlm/measurement.hpp"

namespace smmu {

class trace_text;

// Writes a slice for each transaction that ends, with a slice for each of its parts in it, and a
// counter for each level. A TBU is a process there, and so is the TCU; a transaction is in the
// first of its TBU's lanes that is free all the time. Times are microseconds, exact to the
// picosecond in arguments.
class perfetto_trace {
  public:
    // `file` is open for writing and stays the caller's; errors are its own: ferror().
    explicit perfetto_trace(std::FILE *file);
    ~perfetto_trace();
    perfetto_trace(const perfetto_trace &) = delete;
    perfetto_trace &operator=(const perfetto_trace &) = delete;

    // Write what `of` measures from now on, as `smmu`; it listens to it. Both live until the
    // simulation has ended.
    void watch(measurement &of, const std::string &smmu);

    // The last call: the file is complete.
    void finish();

  private:
    struct unit;
    struct counter;

    unit &add_unit(const std::string &name);
    void write_transaction(unit &tbu, const transaction_record &one);
    void begin_slice(const unit &tbu, std::size_t lane, const char *name, ticks begin, ticks end);
    trace_text &next();

    std::unique_ptr<trace_text> text_;
    bool first_ = true;
    std::vector<std::unique_ptr<unit>> units_;
    std::vector<std::unique_ptr<counter>> counters_;
};

} // namespace smmu

#endif
