// SPDX-License-Identifier: Apache-2.0
// Rows of logs, and writing them: see smmu/replay/log.hpp.
#include "smmu/replay/log.hpp"

#include <algorithm>
#include <ostream>

#include "log_schema.hpp"
#include "smmu/smmu.h"

namespace smmu {

namespace {

constexpr log_column_row column_rows[] = {
#define SMMU_LOG_COLUMN(name, kind, max, help) {#name, log_kind::kind, max},
#include "smmu/replay/log_columns.def"
#undef SMMU_LOG_COLUMN
};

#define C(name) (std::uint64_t{1} << static_cast<unsigned>(log_column::name))
#define TXN                                                                                        \
    (C(tag) | C(tbu) | C(sec) | C(sid) | C(ssid) | C(size) | C(op) | C(instr) | C(priv) |          \
     C(translated) | C(mair) | C(sh))
#define RESULT (C(result) | C(out) | C(pas) | C(out_mair) | C(out_sh) | C(fault) | C(tag))
constexpr log_record_row record_rows[] = {
#define SMMU_LOG_RECORD(name, needs, may, help) {#name, needs, (needs) | (may)},
#include "smmu/replay/log_records.def"
#undef SMMU_LOG_RECORD
};
#undef C
#undef TXN
#undef RESULT

struct word_row {
    log_column column;
    const char *word;
    std::uint64_t value;
};
constexpr word_row words[] = {
#define SMMU_LOG_WORD(column, word, value) {log_column::column, #word, value},
#include "smmu/replay/log_words.def"
#undef SMMU_LOG_WORD
};

constexpr unsigned event_types = 256;

bool find_event(const std::string &word, std::uint64_t &value)
{
    value = 0;
    if (word == "none")
        return true;
    for (unsigned type = 1; type < event_types && word != "?"; type++)
        if (word == smmu_event_name(static_cast<std::uint8_t>(type))) {
            value = type;
            return true;
        }
    return false;
}

void put_hexadecimal(std::ostream &text, const std::vector<std::uint8_t> &bytes)
{
    constexpr char digits[] = "0123456789abcdef";
    text << "0x";
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
        text << digits[*byte >> 4] << digits[*byte & 0xf];
}

void put_time(std::ostream &text, std::uint64_t picoseconds)
{
    const std::string fraction = std::to_string(1000 + picoseconds % 1000);
    text << picoseconds / 1000 << '.' << fraction.substr(1);
}

bool is_small(log_column column)
{
    return row_of(column).max <= UINT32_MAX && column != log_column::mair &&
           column != log_column::out_mair;
}

void put_number(std::ostream &text, log_column column, std::uint64_t value)
{
    if (is_small(column)) {
        text << value;
        return;
    }
    std::vector<std::uint8_t> bytes;
    do {
        bytes.push_back(static_cast<std::uint8_t>(value));
        value >>= 8;
    } while (value);
    put_hexadecimal(text, bytes);
}

} // namespace

void put_field(std::ostream &text, const log_row &row, log_column column)
{
    if (column == log_column::what) {
        text << name_of(row.what);
        return;
    }
    if (!row.has(column))
        return;
    switch (row_of(column).kind) {
    case log_kind::number:
        put_number(text, column, row.get(column));
        break;
    case log_kind::word:
        text << word_of(column, row.get(column));
        break;
    case log_kind::bytes:
        put_hexadecimal(text, row.data);
        break;
    case log_kind::time:
        put_time(text, column == log_column::since ? row.since : row.time);
        break;
    case log_kind::text:
        text << row.text(column);
        break;
    }
}

const log_column_row &row_of(log_column column)
{
    return column_rows[static_cast<std::size_t>(column)];
}

const log_record_row &row_of(log_record record)
{
    return record_rows[static_cast<std::size_t>(record)];
}

bool find_word(log_column column, const std::string &word, std::uint64_t &value)
{
    if (column == log_column::fault)
        return find_event(word, value);
    for (const word_row &row : words)
        if (row.column == column && word == row.word) {
            value = row.value;
            return true;
        }
    return false;
}

const char *name_of(log_column column)
{
    return row_of(column).name;
}

const char *name_of(log_record record)
{
    return row_of(record).name;
}

std::string word_of(log_column column, std::uint64_t value)
{
    if (column == log_column::fault)
        return value ? smmu_event_name(static_cast<std::uint8_t>(value)) : "none";
    for (const word_row &row : words)
        if (row.column == column && row.value == value)
            return row.word;
    return "?";
}

log_row &log_row::set_data(const void *bytes, std::size_t length)
{
    const auto *const first = static_cast<const std::uint8_t *>(bytes);
    data.assign(first, first + length);
    return set(log_column::data, std::uint64_t{1});
}

log_row &log_row::set_number(std::uint64_t value, unsigned length)
{
    std::uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = static_cast<std::uint8_t>(value >> 8 * i);
    return set_data(bytes, length);
}

std::uint64_t log_row::number() const
{
    std::uint64_t value = 0;
    for (std::size_t i = std::min<std::size_t>(data.size(), 8); i-- > 0;)
        value = value << 8 | data[i];
    return value;
}

std::string log_row::text(log_column column) const
{
    const auto found = texts.find(column);
    return found == texts.end() ? "" : found->second;
}

std::uint64_t log_row::size(std::uint64_t otherwise) const
{
    if (has(log_column::size))
        return get(log_column::size);
    return has(log_column::data) ? data.size() : otherwise;
}

log_writer::log_writer(std::ostream &text) : text_(text)
{
    for (std::size_t i = 0; i < log_columns; i++)
        text_ << (i ? "," : "") << name_of(static_cast<log_column>(i));
    text_ << '\n';
}

void log_writer::write(const log_row &row)
{
    for (std::size_t i = 0; i < log_columns; i++) {
        if (i)
            text_ << ',';
        put_field(text_, row, static_cast<log_column>(i));
    }
    text_ << '\n';
}

} // namespace smmu
