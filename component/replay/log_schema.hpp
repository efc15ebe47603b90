// SPDX-License-Identifier: Apache-2.0
// The tables of columns, records and words.
#ifndef COMPONENT_REPLAY_LOG_SCHEMA_HPP
#define COMPONENT_REPLAY_LOG_SCHEMA_HPP

#include <ostream>

#include "smmu/replay/log.hpp"

namespace smmu {

// How a column is written.
enum class log_kind { number, word, bytes, time, text };

struct log_column_row {
    const char *name;
    log_kind kind;
    std::uint64_t max; // of a number; of bytes, how many
};

struct log_record_row {
    const char *name;
    std::uint64_t needs; // bits of columns
    std::uint64_t has;   // all that it can have, but for times
};

const log_column_row &row_of(log_column column);
const log_record_row &row_of(log_record record);

// The value of a word; false if the column has no such word.
bool find_word(log_column column, const std::string &word, std::uint64_t &value);

// Write a field as a log has it; nothing if it is empty.
void put_field(std::ostream &text, const log_row &row, log_column column);

} // namespace smmu

#endif
