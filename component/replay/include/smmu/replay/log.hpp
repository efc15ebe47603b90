// SPDX-License-Identifier: Apache-2.0
// A log of what passes at the interfaces of an SMMU, as text: docs/replay.md is its manual.
#ifndef SMMU_REPLAY_LOG_HPP
#define SMMU_REPLAY_LOG_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "smmu/ats.h"
#include "smmu/dvm.h"
#include "smmu/ops.h"
#include "smmu/types.h"

namespace smmu {

// The columns: rows of log_columns.def.
enum class log_column {
#define SMMU_LOG_COLUMN(name, kind, max, help) name,
#include "smmu/replay/log_columns.def"
#undef SMMU_LOG_COLUMN
    count, // how many there are
};
// How many columns there are.
constexpr std::size_t log_columns = static_cast<std::size_t>(log_column::count);

// The records: rows of log_records.def.
enum class log_record {
#define SMMU_LOG_RECORD(name, needs, may, help) name,
#include "smmu/replay/log_records.def"
#undef SMMU_LOG_RECORD
    count, // how many there are
};

// Values of the column `op` beside those of enum smmu_op.
enum : std::uint64_t {
    log_read = SMMU_OP_ORDINARY, // a read
    log_write = SMMU_OP_COUNT,   // a write
};

// Values of the column `result`.
enum : std::uint64_t {
    log_forward, // of transactions: it goes on
    log_abort,   // of them, and of the SMMU's accesses: a bus abort
    log_razwi,   // of transactions: reads return zero, writes are dropped
    log_success, // of ATS: enum smmu_ats_status
    log_ur,      // likewise
    log_ca,      // likewise
    log_ok,      // of the SMMU's accesses: done
};

// Name of a column, such as "addr".
const char *name_of(log_column column);
// Name of a record, such as "reg_write".
const char *name_of(log_record record);
// The word for a value of a column of words; "?" if there is none.
std::string word_of(log_column column, std::uint64_t value);

// A row.
class log_row {
  public:
    unsigned line = 0;                       // of the file, from 1; 0: of none
    log_record what = log_record::mem;       // which record
    std::uint64_t time = 0;                  // when it was seen, in picoseconds
    std::uint64_t since = 0;                 // column `since`: when it began, likewise
    std::vector<std::uint8_t> data;          // column `data`, the byte at the lowest address first
    std::map<log_column, std::string> texts; // columns of text

    // A row without fields.
    explicit log_row(log_record record = log_record::mem) : what(record) {}

    // Whether the field is not empty.
    bool has(log_column column) const { return present_ >> place(column) & 1; }
    // The value of a number or a word; 0 or `otherwise` if the field is empty.
    std::uint64_t get(log_column column, std::uint64_t otherwise = 0) const
    {
        return has(column) ? values_[place(column)] : otherwise;
    }
    // Fill the field.
    log_row &set(log_column column, std::uint64_t value)
    {
        present_ |= std::uint64_t{1} << place(column);
        values_[place(column)] = value;
        return *this;
    }
    // Fill a field of text.
    log_row &set(log_column column, const std::string &text)
    {
        texts[column] = text;
        return set(column, std::uint64_t{1});
    }
    // Fill `time` or `since`, of which this is the column.
    log_row &set_time(log_column column, std::uint64_t picoseconds)
    {
        (column == log_column::since ? since : time) = picoseconds;
        return set(column, std::uint64_t{1});
    }
    // Fill `data` with `length` bytes as memory has them.
    log_row &set_data(const void *bytes, std::size_t length);
    // Fill `data` with a number, little-endian, of up to 8 bytes.
    log_row &set_number(std::uint64_t value, unsigned length);
    // The number that the first 8 bytes of `data` are.
    std::uint64_t number() const;
    // The text of a field; empty if it is.
    std::string text(log_column column) const;
    // Bytes that it is about: `size`, or those of `data`, or `otherwise`.
    std::uint64_t size(std::uint64_t otherwise) const;

  private:
    static constexpr unsigned place(log_column column) { return static_cast<unsigned>(column); }

    std::uint64_t present_ = 0;
    std::array<std::uint64_t, log_columns> values_ = {};
};
static_assert(log_columns <= 64, "a bit for each column");

// What is wrong with a log: line, column and reason are in what().
class log_error : public std::runtime_error {
  public:
    // Column "" is the whole line.
    log_error(unsigned line, const std::string &column, const std::string &reason)
        : std::runtime_error("line " + std::to_string(line) +
                             (column.empty() ? "" : ", column " + column) + ": " + reason)
    {
    }
};

// All rows of a log; throws log_error at the first that is wrong. Rows `image` become rows `mem`:
// files are looked for in `folder`.
std::vector<log_row> read_log(std::istream &text, const std::string &folder);

// Writes a log, row by row.
class log_writer {
  public:
    // Writes the names of the columns. `text` must outlive it.
    explicit log_writer(std::ostream &text);
    // Writes a row.
    void write(const log_row &row);

  private:
    std::ostream &text_;
};

} // namespace smmu

#endif
