// SPDX-License-Identifier: Apache-2.0
// Reading logs: see smmu/replay/log.hpp.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <istream>
#include <set>
#include <system_error>

#include "log_schema.hpp"

namespace smmu {

namespace {

constexpr std::size_t image_piece = 4096; // bytes of an image in a row
constexpr std::uint64_t largest_image = 1u << 30;

std::string trimmed(const std::string &text)
{
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos)
        return "";
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> fields_of(const std::string &line)
{
    std::vector<std::string> fields;
    std::size_t begin = 0;
    for (std::size_t comma; (comma = line.find(',', begin)) != std::string::npos; begin = comma + 1)
        fields.push_back(trimmed(line.substr(begin, comma - begin)));
    fields.push_back(trimmed(line.substr(begin)));
    return fields;
}

// One field that is not empty.
class field_reader {
  public:
    field_reader(unsigned line, log_column column, const std::string &text)
        : line_(line), column_(column), text_(text)
    {
    }

    void read_into(log_row &row) const
    {
        switch (row_of(column_).kind) {
        case log_kind::number:
            row.set(column_, number());
            break;
        case log_kind::word:
            row.set(column_, word());
            break;
        case log_kind::bytes:
            row.data = bytes();
            row.set(column_, std::uint64_t{1});
            break;
        case log_kind::time:
            row.set_time(column_, picoseconds());
            break;
        case log_kind::text:
            row.set(column_, text_);
            break;
        }
    }

  private:
    [[noreturn]] void refuse(const std::string &why) const
    {
        throw log_error(line_, name_of(column_), "\"" + text_.substr(0, 40) + "\" " + why);
    }

    std::uint64_t number() const
    {
        const bool hexadecimal = text_.compare(0, 2, "0x") == 0 || text_.compare(0, 2, "0X") == 0;
        const std::string digits = hexadecimal ? text_.substr(2) : text_;
        const char *const allowed = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
        if (digits.empty() || digits.find_first_not_of(allowed) != std::string::npos)
            refuse("is no number: decimal, or hexadecimal behind 0x");
        errno = 0;
        const std::uint64_t value = std::strtoull(digits.c_str(), nullptr, hexadecimal ? 16 : 10);
        if (errno || value > row_of(column_).max)
            refuse("is above " + std::to_string(row_of(column_).max));
        return value;
    }

    std::uint64_t word() const
    {
        std::uint64_t value;
        if (!find_word(column_, text_, value))
            refuse("is none of its words");
        return value;
    }

    std::vector<std::uint8_t> bytes() const
    {
        const std::string digits = text_.substr(std::min<std::size_t>(text_.size(), 2));
        if (text_.compare(0, 2, "0x") != 0 || digits.empty() || digits.size() % 2 ||
            digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
            refuse("is not 0x and two hexadecimal digits for each byte");
        if (digits.size() / 2 > row_of(column_).max)
            refuse("is longer than " + std::to_string(row_of(column_).max) + " bytes");
        std::vector<std::uint8_t> bytes;
        for (std::size_t end = digits.size(); end; end -= 2)
            bytes.push_back(static_cast<std::uint8_t>(
                std::strtoul(digits.substr(end - 2, 2).c_str(), nullptr, 16)));
        return bytes;
    }

    std::uint64_t picoseconds() const
    {
        const std::size_t point = std::min(text_.find('.'), text_.size());
        const std::string whole = text_.substr(0, point);
        std::string fraction = text_.substr(std::min(point + 1, text_.size()));
        const std::string digits = whole + fraction;
        if (whole.empty() || whole.size() > 15 || fraction.size() > 3 ||
            digits.find_first_not_of("0123456789") != std::string::npos)
            refuse("is no time: nanoseconds with at most three decimals");
        fraction.resize(3, '0');
        return std::strtoull(whole.c_str(), nullptr, 10) * 1000 +
               std::strtoull(fraction.c_str(), nullptr, 10);
    }

    const unsigned line_;
    const log_column column_;
    const std::string &text_;
};

// The columns in the order of the first line.
std::vector<log_column> header_of(unsigned line, const std::string &text)
{
    std::vector<log_column> columns;
    for (const std::string &name : fields_of(text)) {
        std::size_t i = 0;
        while (i < log_columns && name != name_of(static_cast<log_column>(i)))
            i++;
        if (i == log_columns)
            throw log_error(line, name, "there is no such column");
        const log_column column = static_cast<log_column>(i);
        if (std::find(columns.begin(), columns.end(), column) != columns.end())
            throw log_error(line, name, "is there twice");
        columns.push_back(column);
    }
    if (std::find(columns.begin(), columns.end(), log_column::what) == columns.end())
        throw log_error(line, "what", "is missing in the first line, which names the columns");
    return columns;
}

log_record record_of(unsigned line, const std::string &name)
{
    for (std::size_t i = 0; i < static_cast<std::size_t>(log_record::count); i++)
        if (name == name_of(static_cast<log_record>(i)))
            return static_cast<log_record>(i);
    throw log_error(line, "what", "\"" + name.substr(0, 40) + "\" is no record");
}

void check_columns(const log_row &row)
{
    const log_record_row &record = row_of(row.what);
    for (std::size_t i = 0; i < log_columns; i++) {
        const log_column column = static_cast<log_column>(i);
        const std::uint64_t bit = std::uint64_t{1} << i;
        if (record.needs & bit && !row.has(column))
            throw log_error(row.line, name_of(column),
                            std::string("is empty, which a ") + record.name + " cannot do without");
        if (row.has(column) && !(record.has & bit) && row_of(column).kind != log_kind::time)
            throw log_error(row.line, name_of(column),
                            std::string("a ") + record.name + " has none");
    }
}

bool is_access_size(std::uint64_t bytes)
{
    return bytes == 4 || bytes == 8;
}

void check_size(const log_row &row)
{
    const bool of_register = row.what == log_record::reg_write || row.what == log_record::reg_read;
    if (row.has(log_column::size) && row.has(log_column::data) &&
        row.get(log_column::size) != row.data.size())
        throw log_error(row.line, "size", "data has " + std::to_string(row.data.size()) + " bytes");
    if (of_register && !is_access_size(row.data.size()))
        throw log_error(row.line, "data", "a register access has 4 or 8 bytes");
    if (row.has(log_column::size) && row.get(log_column::size) == 0)
        throw log_error(row.line, "size", "is 0");
    if (row.what == log_record::read && !row.has(log_column::data) &&
        row.get(log_column::result, log_ok) != log_abort)
        throw log_error(row.line, "data", "is empty, which only a read that aborts can be");
}

// What `result` can say depends on the record.
void check_result(const log_row &row)
{
    if (!row.has(log_column::result))
        return;
    const std::uint64_t result = row.get(log_column::result);
    const bool ats = row.what == log_record::ats;
    const bool access = row.what == log_record::read || row.what == log_record::out;
    const bool good = ats      ? result >= log_success && result <= log_ca
                      : access ? result == log_ok || result == log_abort
                               : result <= log_razwi || result == log_ok;
    if (!good)
        throw log_error(row.line, "result",
                        "\"" + word_of(log_column::result, result) + "\" is no result of a " +
                            name_of(row.what));
}

void check_perm(const log_row &row)
{
    if (row.text(log_column::perm).find_first_not_of("rwx-") != std::string::npos)
        throw log_error(row.line, "perm", "is not letters of rwx, or -");
}

log_row read_row(unsigned line, const std::vector<log_column> &columns, const std::string &text)
{
    const std::vector<std::string> fields = fields_of(text);
    if (fields.size() > columns.size())
        throw log_error(line, "",
                        "has " + std::to_string(fields.size()) + " fields, the first line " +
                            std::to_string(columns.size()));
    const std::size_t place = static_cast<std::size_t>(
        std::find(columns.begin(), columns.end(), log_column::what) - columns.begin());
    log_row row(record_of(line, place < fields.size() ? fields[place] : ""));
    row.line = line;
    for (std::size_t i = 0; i < fields.size(); i++)
        if (i != place && !fields[i].empty())
            field_reader(line, columns[i], fields[i]).read_into(row);
    check_columns(row);
    check_size(row);
    check_result(row);
    check_perm(row);
    return row;
}

// The contents of an image. What is no regular file may have no end.
std::vector<char> read_image(const log_row &row, const std::string &folder)
{
    const std::string name = row.text(log_column::file);
    const std::string path = name.front() == '/' ? name : folder + "/" + name;
    std::error_code error;
    if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))
        throw log_error(row.line, "file", "\"" + name + "\" is no regular file");
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error && size > largest_image)
        throw log_error(row.line, "file", "\"" + name + "\" is larger than 1 GiB");
    std::ifstream file(path, std::ios::binary);
    std::vector<char> bytes(error ? 0 : size);
    if (bytes.empty() || !file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        throw log_error(row.line, "file", "\"" + name + "\" cannot be read, or is empty");
    return bytes;
}

// An image as rows `mem`.
void add_image(const log_row &row, const std::string &folder, std::vector<log_row> &rows)
{
    const std::vector<char> bytes = read_image(row, folder);
    for (std::size_t at = 0; at < bytes.size(); at += image_piece) {
        log_row piece(log_record::mem);
        piece.line = row.line;
        piece.set(log_column::addr, row.get(log_column::addr) + at);
        piece.set_data(&bytes[at], std::min(image_piece, bytes.size() - at));
        rows.push_back(piece);
    }
}

// A tag is in use from `begin` to `end`.
void check_tags(const std::vector<log_row> &rows)
{
    std::map<std::string, unsigned> open;
    for (const log_row &row : rows) {
        const std::string tag = row.text(log_column::tag);
        if (row.what == log_record::begin && !open.emplace(tag, row.line).second)
            throw log_error(row.line, "tag",
                            "\"" + tag + "\" has begun on line " + std::to_string(open[tag]) +
                                " and not ended");
        if (row.what == log_record::end && open.erase(tag) == 0)
            throw log_error(row.line, "tag", "\"" + tag + "\" has not begun");
    }
}

} // namespace

std::vector<log_row> read_log(std::istream &text, const std::string &folder)
{
    std::vector<log_column> columns;
    std::vector<log_row> rows;
    std::string line;
    for (unsigned number = 1; std::getline(text, line); number++) {
        const std::string words = trimmed(line);
        if (words.empty() || words.front() == '#')
            continue;
        if (columns.empty()) {
            columns = header_of(number, words);
            continue;
        }
        const log_row row = read_row(number, columns, line);
        if (row.what == log_record::image)
            add_image(row, folder, rows);
        else
            rows.push_back(row);
    }
    if (columns.empty())
        throw log_error(1, "", "there is none that names the columns");
    check_tags(rows);
    return rows;
}

} // namespace smmu
