// SPDX-License-Identifier: Apache-2.0
// What was measured as tables, in files of CSV and JSON: docs/measurement.md has their columns.
#ifndef SMMU_TLM_MEASURED_TABLES_HPP
#define SMMU_TLM_MEASURED_TABLES_HPP

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "smmu/tlm/tcu.hpp"

namespace smmu {

// A value of a table: a text, or a number.
struct measured_cell {
    std::string text;   // as it is written
    bool number = true; // it is one

    // A text.
    measured_cell(const char *name) : text(name), number(false) {}
    // A text.
    measured_cell(std::string name) : text(std::move(name)), number(false) {}
    // A number.
    measured_cell(std::uint64_t value) : text(std::to_string(value)) {}
    // A number.
    measured_cell(unsigned value) : text(std::to_string(value)) {}
    // A number, with as many digits behind the point as are needed, at most 6.
    measured_cell(double value);
    // There is none: nothing in CSV, null in JSON.
    static measured_cell none();
};

// The cells of a row.
using measured_row = std::vector<measured_cell>;

// One table.
struct measured_table {
    std::string name;                 // of its file
    std::vector<std::string> columns; // their names
    std::vector<measured_row> rows;   // with a cell for each
};

// All of them, with notes about the run that each file begins with.
struct measured_tables {
    std::vector<std::pair<std::string, measured_cell>> notes; // key and value
    std::vector<measured_table> tables;                       // in their order

    // The table of this name, which gets `columns` if it is not there yet.
    measured_table &table(const std::string &name, std::vector<std::string> columns);
};

// Adds what was measured of an SMMU, called `name`, up to now: tcu_base::measure() has been called.
void add_measured_smmu(measured_tables &to, const std::string &name, tcu_base &of);

// Picoseconds, rounded.
std::uint64_t picoseconds_of(ticks time);

// A string of JSON, with its quotes.
std::string json_text(const std::string &text);

// Write a table as CSV (RFC 4180, lines that begin with # before it). Errors are those of `file`:
// ferror().
void write_csv(const measured_tables &all, const measured_table &one, std::FILE *file);
// Write all tables as JSON, likewise.
void write_json(const measured_tables &all, std::FILE *file);

} // namespace smmu

#endif
