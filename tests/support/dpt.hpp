// SPDX-License-Identifier: Apache-2.0
// A Device Permission Table as software writes it (IHI 0070 3.24.3, 6.3.46, 6.3.47).
#ifndef TESTS_SUPPORT_DPT_HPP
#define TESTS_SUPPORT_DPT_HPP

#include <map>
#include <optional>

#include "support/device_under_test.hpp"

namespace support {

// What a region or a granule gives, by the names of the fields.
struct dpt_fields {
    unsigned ac = 0;
    unsigned w = 0;
    unsigned vmid = 0;
};

// Descriptors.
uint64_t dpt_block(const dpt_fields &fields);
uint64_t dpt_level1(uint64_t table);
uint64_t dpt_granules(const std::optional<dpt_fields> &lower,
                      const std::optional<dpt_fields> &upper);
uint64_t dpt_contiguous(const dpt_fields &fields, unsigned contig);

// Codes of registers.
enum dptps : unsigned { DPTPS_32, DPTPS_36, DPTPS_40, DPTPS_42, DPTPS_44, DPTPS_48, DPTPS_52 };
enum dptgs : unsigned { DPTGS_4K, DPTGS_64K, DPTGS_16K };
enum l0dptsz : unsigned { L0_1G = 0, L0_16G = 4, L0_64G = 6, L0_512G = 9 };

struct dpt_shape {
    unsigned ps = DPTPS_48;
    unsigned gs = DPTGS_4K;
    unsigned l0 = L0_1G;

    uint32_t base_cfg() const { return l0 << 20 | gs << 14 | ps; }
    unsigned granule_log2() const;
    unsigned l0_log2() const;
    unsigned size_log2() const;
};

// A table in the memory of `dut`. Memory that nothing was said of is No Access.
class dpt_builder {
  public:
    static constexpr uint64_t base = 0x20'0000'0000;   // of level 0
    static constexpr uint64_t level1 = 0x28'0000'0000; // of the first table of level 1

    explicit dpt_builder(device_under_test &dut, const dpt_shape &shape = {})
        : dut_(dut), shape_(shape)
    {
    }

    const dpt_shape &shape() const { return shape_; }

    // Write the registers, which have to be open.
    void publish();

    // Where the descriptors for `pa` lie; that of level 1 in the table that there is for `pa`,
    // which is made if there is none.
    uint64_t l0_entry(uint64_t pa) const;
    uint64_t l1_entry(uint64_t pa);

    // Let level 0 point to the table that there is for `pa`.
    void link(uint64_t pa);

    // Write them.
    void set_l0(uint64_t pa, uint64_t descriptor) { dut_.mem.store64(l0_entry(pa), descriptor); }
    void set_l1(uint64_t pa, uint64_t descriptor) { dut_.mem.store64(l1_entry(pa), descriptor); }

    // Let the granule of `pa` be what `fields` says, and leave the other of its descriptor alone,
    // which describes two granules.
    void grant(uint64_t pa, const dpt_fields &fields);
    void refuse(uint64_t pa);

  private:
    uint64_t table_of(uint64_t pa);
    void set_half(uint64_t pa, uint64_t fields, bool accessible);

    device_under_test &dut_;
    dpt_shape shape_;
    std::map<uint64_t, uint64_t> tables_; // of level 1, by the number of the entry of level 0
};

} // namespace support

#endif
