// SPDX-License-Identifier: Apache-2.0
// Reads a table of CSV whose cells have no quotes, with notes before it.
#ifndef TESTS_PLATFORM_CSV_FILE_HPP
#define TESTS_PLATFORM_CSV_FILE_HPP

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace test {

using csv_row = std::map<std::string, std::string>; // by column

struct csv_file {
    std::map<std::string, std::string> notes;
    std::vector<csv_row> rows;

    explicit csv_file(const std::string &text)
    {
        std::istringstream lines(text);
        std::vector<std::string> columns;
        for (std::string line; std::getline(lines, line);) {
            if (line[0] == '#') {
                const auto colon = line.find(": ");
                notes[line.substr(2, colon - 2)] = line.substr(colon + 2);
                continue;
            }
            const std::vector<std::string> cells = split(line);
            if (columns.empty()) {
                columns = cells;
                continue;
            }
            csv_row row;
            for (std::size_t i = 0; i < columns.size(); i++)
                row[columns[i]] = cells.at(i);
            rows.push_back(row);
        }
    }

    // Rows with these cells.
    std::vector<csv_row> where(const csv_row &wanted) const
    {
        std::vector<csv_row> found;
        for (const csv_row &row : rows) {
            bool same = true;
            for (const auto &[column, cell] : wanted)
                same = same && row.at(column) == cell;
            if (same)
                found.push_back(row);
        }
        return found;
    }

    // The only such row. Throws if there is none, or more.
    csv_row only(const csv_row &wanted) const
    {
        const auto found = where(wanted);
        if (found.size() != 1)
            throw std::out_of_range(std::to_string(found.size()) + " rows");
        return found[0];
    }

  private:
    static std::vector<std::string> split(const std::string &line)
    {
        std::vector<std::string> cells(1);
        for (const char each : line) {
            if (each == ',')
                cells.emplace_back();
            else
                cells.back() += each;
        }
        return cells;
    }
};

} // namespace test

#endif
