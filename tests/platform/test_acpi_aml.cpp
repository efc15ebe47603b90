// SPDX-License-Identifier: Apache-2.0
// AML and tables, byte by byte: the encodings of ACPI 6.3 chapter 20 and 5.2.6.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

extern "C" {
#include "acpi_aml.h"
}

namespace test_acpi_aml {
namespace {

using testing::ElementsAre;

class aml : public testing::Test {
  protected:
    ~aml() override { std::free(buffer.data); }

    std::vector<unsigned> all() const { return {buffer.data, buffer.data + buffer.size}; }

    // The first bytes of a package around `size` bytes.
    std::vector<unsigned> head_around(std::size_t size, unsigned length)
    {
        buffer.size = 0;
        const std::size_t mark = aml_begin(&buffer, AML_SCOPE);
        acpi_put_zeros(&buffer, size);
        aml_end(&buffer, mark);
        EXPECT_EQ(buffer.size, 1 + length + size);
        return {buffer.data, buffer.data + 1 + length};
    }

    acpi_buffer buffer = {};
};

TEST_F(aml, takes_the_shortest_form_of_an_integer)
{
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{0x100},
          std::uint64_t{0x10000}, std::uint64_t{0x100000000}})
        aml_integer(&buffer, value);
    EXPECT_THAT(all(), ElementsAre(0x00, 0x01, 0x0a, 2, 0x0b, 0, 1, 0x0c, 0, 0, 1, 0, 0x0e, 0, 0, 0,
                                   0, 1, 0, 0, 0));
}

// 20.2.4: the length counts its own bytes; one has 6 bits of it, of more the first has 4.
TEST_F(aml, takes_the_shortest_length_of_a_package)
{
    EXPECT_THAT(head_around(62, 1), ElementsAre(0x10, 63));
    EXPECT_THAT(head_around(63, 2), ElementsAre(0x10, 0x41, 4));
    EXPECT_THAT(head_around(4093, 2), ElementsAre(0x10, 0x4f, 0xff));
    EXPECT_THAT(head_around(4094, 3), ElementsAre(0x10, 0x81, 0x00, 1));
    EXPECT_THAT(head_around(1048572, 3), ElementsAre(0x10, 0x8f, 0xff, 0xff));
    EXPECT_THAT(head_around(1048573, 4), ElementsAre(0x10, 0xc1, 0, 0, 1));
}

TEST_F(aml, counts_a_package_within_a_package)
{
    const std::size_t outer = aml_begin_device(&buffer, "DEV0");
    const std::size_t inner = aml_begin_package(&buffer, 1);
    aml_string(&buffer, "A");
    aml_end(&buffer, inner);
    aml_end(&buffer, outer);
    EXPECT_THAT(all(), ElementsAre(0x5b, 0x82, 11, 'D', 'E', 'V', '0', 0x12, 5, 1, 0x0d, 'A', 0));
}

// 6.4.3.4: base and length have 32 bits; 6.4.3.5.1 otherwise.
TEST_F(aml, describes_memory_beyond_4_gib_by_64_bits)
{
    const acpi_range low = {0xfffff000, 0x1000};
    aml_fixed_memory(&buffer, &low);
    EXPECT_THAT(all(), ElementsAre(0x86, 9, 0, 1, 0, 0xf0, 0xff, 0xff, 0, 0x10, 0, 0));
    buffer.size = 0;
    const acpi_range high = {0xfffff000, 0x2000};
    aml_fixed_memory(&buffer, &high);
    EXPECT_EQ(buffer.size, 46u);
    EXPECT_EQ(buffer.data[0], 0x8a);
    EXPECT_EQ(buffer.data[1], 43);
}

// 6.4.3.6: bit 1 is the mode, 0 level; bit 0 that the device consumes it.
TEST_F(aml, tells_edges_from_levels)
{
    const acpi_irq level = {0x90, false};
    const acpi_irq edge = {0x91, true};
    aml_interrupt(&buffer, &level);
    aml_interrupt(&buffer, &edge);
    EXPECT_THAT(all(),
                ElementsAre(0x89, 6, 0, 1, 1, 0x90, 0, 0, 0, 0x89, 6, 0, 3, 1, 0x91, 0, 0, 0));
}

// 5.2.6: the length at 4, the checksum at 9, by which all bytes add up to 0.
TEST_F(aml, ends_a_table_with_length_and_checksum)
{
    acpi_put(&buffer, 0x55, 1); // something before it
    const std::size_t at = acpi_begin_table(&buffer, "TEST", 3);
    acpi_put(&buffer, 0x1234, 2);
    acpi_end_table(&buffer, at);
    EXPECT_EQ(buffer.size, 1u + 38);
    EXPECT_EQ(buffer.data[1 + 4], 38);
    EXPECT_EQ(buffer.data[1 + 8], 3);
    std::uint8_t sum = 0;
    for (std::size_t i = 1; i < buffer.size; i++)
        sum = static_cast<std::uint8_t>(sum + buffer.data[i]);
    EXPECT_EQ(sum, 0);
}

} // namespace
} // namespace test_acpi_aml
