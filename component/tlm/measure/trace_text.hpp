// SPDX-License-Identifier: Apache-2.0
// The text of a large file, as it is made.
#ifndef SMMU_TLM_TRACE_TEXT_HPP
#define SMMU_TLM_TRACE_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

namespace smmu {

// Puts text together in memory and writes it to a file in large pieces: what printf() would do
// takes ten times as long. Errors are those of the file: ferror().
class trace_text {
  public:
    explicit trace_text(std::FILE *file) : file_(file), text_(capacity + most) {}

    trace_text &operator<<(std::string_view text);
    trace_text &operator<<(std::uint64_t number);
    // In lower case, with nothing before it.
    trace_text &hex(std::uint64_t number);
    // Picoseconds, as microseconds with six digits behind the point.
    trace_text &microseconds(std::uint64_t picoseconds);

    // All of it is the file's.
    void flush();

  private:
    static constexpr std::size_t capacity = 1 << 20;
    static constexpr std::size_t most = 1 << 12; // that are put together at a time

    // Where the next characters go; there is room for `most`.
    char *place()
    {
        if (used_ > capacity)
            flush();
        return text_.data() + used_;
    }

    std::FILE *file_;
    std::vector<char> text_;
    std::size_t used_ = 0;
};

} // namespace smmu

#endif
