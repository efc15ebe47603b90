// SPDX-License-Identifier: Apache-2.0
// What firmware does with the files of ACPI, for tests: commands of the loader, and what iasl has
// against the tables that come out.
#ifndef TESTS_PLATFORM_ACPI_LOADER_HPP
#define TESTS_PLATFORM_ACPI_LOADER_HPP

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace test {

using bytes = std::vector<std::uint8_t>;

std::uint64_t load(const bytes &data, std::size_t at, unsigned size);

// The tables as memory has them after the loader: of "etc/acpi/tables" at 0x50000000, and the RSDP.
class acpi_memory {
  public:
    static constexpr std::uint64_t base = 0x50000000;

    // `files`, by name. What the loader would refuse is a failure of the test.
    explicit acpi_memory(std::map<std::string, bytes> files);

    // The table of this signature that the XSDT points to, or the DSDT of the FADT; empty if there
    // is none.
    bytes table(const std::string &signature) const;
    std::vector<std::string> signatures() const; // of all, in the order of the XSDT
    const bytes &rsdp() const { return rsdp_; }

  private:
    bytes at(std::uint64_t address) const;

    bytes tables_, rsdp_;
    std::vector<std::uint64_t> addresses_;
};

// Disassembles the table. Returns what iasl says of it that is not good, and the text in `source`.
std::string complaints_of_iasl(const bytes &table, std::string &source);

// Compiles ASL. Returns the table; what is wrong in `complaints`.
bytes compiled_by_iasl(const std::string &source, std::string &complaints);

bool there_is_iasl();

} // namespace test

#endif
