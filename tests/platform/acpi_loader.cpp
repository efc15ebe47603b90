// SPDX-License-Identifier: Apache-2.0
#include "acpi_loader.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

namespace test {

std::uint64_t load(const bytes &data, std::size_t at, unsigned size)
{
    std::uint64_t value = 0;
    EXPECT_LE(at + size, data.size());
    for (unsigned i = size; i-- > 0 && at + size <= data.size();)
        value = value << 8 | data[at + i];
    return value;
}

namespace {

std::uint8_t sum(const bytes &data, std::size_t start, std::size_t size)
{
    std::uint8_t total = 0;
    for (std::size_t i = start; i < start + size && i < data.size(); i++)
        total = static_cast<std::uint8_t>(total + data[i]);
    return total;
}

std::string text(const bytes &data, std::size_t at, std::size_t size)
{
    const std::string whole(data.begin() + static_cast<std::ptrdiff_t>(at),
                            data.begin() + static_cast<std::ptrdiff_t>(at + size));
    return whole.substr(0, whole.find('\0'));
}

} // namespace

// Commands of 128 bytes: 1 allocates a file, 2 adds a pointer, 3 a checksum. Names have 56 bytes.
acpi_memory::acpi_memory(std::map<std::string, bytes> files)
{
    std::map<std::string, std::uint64_t> placed;
    const bytes script = files["etc/table-loader"];
    EXPECT_EQ(script.size() % 128, 0u);
    for (std::size_t at = 0; at + 128 <= script.size(); at += 128) {
        const std::string name = text(script, at + 4, 56);
        EXPECT_EQ(files.count(name), 1u) << name;
        bytes &file = files[name];
        switch (load(script, at, 4)) {
        case 1:
            EXPECT_EQ(placed.count(name), 0u) << name;
            placed[name] = name == "etc/acpi/tables" ? base : 0xf0000;
            EXPECT_EQ(base % load(script, at + 60, 4), 0u);
            break;
        case 2: {
            const std::string source = text(script, at + 60, 56);
            const std::size_t offset = load(script, at + 116, 4);
            EXPECT_EQ(script[at + 120], 8);
            EXPECT_EQ(placed.count(source), 1u) << source;
            const std::uint64_t value = load(file, offset, 8);
            EXPECT_LT(value, files[source].size());
            for (unsigned i = 0; i < 8; i++)
                file[offset + i] = static_cast<std::uint8_t>((value + placed[source]) >> 8 * i);
            break;
        }
        case 3: {
            const std::size_t start = load(script, at + 64, 4);
            const std::size_t size = load(script, at + 68, 4);
            file[load(script, at + 60, 4)] = static_cast<std::uint8_t>(-sum(file, start, size));
            break;
        }
        default:
            ADD_FAILURE() << "command " << load(script, at, 4);
        }
    }
    tables_ = files["etc/acpi/tables"];
    rsdp_ = files["etc/acpi/rsdp"];
    EXPECT_EQ(sum(rsdp_, 0, 20), 0);
    EXPECT_EQ(sum(rsdp_, 0, 36), 0);
    const bytes xsdt = at(load(rsdp_, 24, 8));
    for (std::size_t entry = 36; entry < xsdt.size(); entry += 8)
        addresses_.push_back(load(xsdt, entry, 8));
    for (const std::uint64_t address : addresses_)
        EXPECT_EQ(sum(at(address), 0, at(address).size()), 0) << text(at(address), 0, 4);
}

bytes acpi_memory::at(std::uint64_t address) const
{
    const auto offset = static_cast<std::ptrdiff_t>(address - base);
    const auto size = static_cast<std::ptrdiff_t>(load(tables_, address - base + 4, 4));
    return {tables_.begin() + offset, tables_.begin() + offset + size};
}

bytes acpi_memory::table(const std::string &signature) const
{
    if (signature == "XSDT")
        return at(load(rsdp_, 24, 8));
    if (signature == "DSDT")
        return at(load(table("FACP"), 140, 8));
    for (const std::uint64_t address : addresses_)
        if (text(at(address), 0, 4) == signature)
            return at(address);
    return {};
}

std::vector<std::string> acpi_memory::signatures() const
{
    std::vector<std::string> list;
    for (const std::uint64_t address : addresses_)
        list.push_back(text(at(address), 0, 4));
    return list;
}

// --- iasl ---

namespace {

namespace fs = std::filesystem;

// A directory that goes with the object.
struct scratch {
    fs::path path;
    scratch()
    {
        std::string name = (fs::temp_directory_path() / "acpi.XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~scratch() { fs::remove_all(path); }
};

std::string slurp(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Runs iasl in `where`; its output has the status at its end.
std::string iasl(const scratch &where, const std::string &arguments)
{
    const std::string command = "cd " + where.path.string() + " && iasl " + arguments +
                                " >said 2>&1; echo \"status $?\" >>said";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return slurp(where.path / "said");
}

// Lines with one of the words by which iasl complains, in its output and in the text it makes.
std::string complaining_lines(const std::string &said)
{
    std::istringstream lines(said);
    std::string list;
    for (std::string line; std::getline(lines, line);)
        for (const char *word : {"rror", "arning", "emark", "nvalid", "ncorrect", "nknown",
                                 "Truncated", "exceeds", "**** "})
            if (line.find(word) != std::string::npos &&
                line.find("0 Errors") == std::string::npos) {
                list += line + "\n";
                break;
            }
    return list;
}

} // namespace

std::string complaints_of_iasl(const bytes &table, std::string &source)
{
    const scratch where;
    std::ofstream(where.path / "table.aml", std::ios::binary)
        .write(reinterpret_cast<const char *>(table.data()),
               static_cast<std::streamsize>(table.size()));
    const std::string said = iasl(where, "-d table.aml");
    source = slurp(where.path / "table.dsl");
    EXPECT_NE(said.find("status 0"), std::string::npos) << said;
    return complaining_lines(said) + complaining_lines(source);
}

bytes compiled_by_iasl(const std::string &source, std::string &complaints)
{
    const scratch where;
    std::ofstream(where.path / "source.dsl") << source;
    const std::string said = iasl(where, "-p result source.dsl");
    complaints = said.find("0 Errors, 0 Warnings, 0 Remarks") == std::string::npos
                     ? said
                     : complaining_lines(said);
    const std::string data = slurp(where.path / "result.aml");
    return {data.begin(), data.end()};
}

bool there_is_iasl()
{
    return std::system("command -v iasl >/dev/null 2>&1") == 0;
}

} // namespace test
