// SPDX-License-Identifier: Apache-2.0
// A DMA function in a PCI Express host, behind the SMMU itself.
#ifndef TESTS_SMMU_HOST_BENCH_HPP
#define TESTS_SMMU_HOST_BENCH_HPP

#include <cstdint>
#include <memory>

#include <systemc>

#include "host_sockets.hpp"
#include "root_ats.hpp"

namespace test {

// The bench of the SMMU with a PCI Express host at its second port, and a DMA function in that.
class smmu_host_bench : private host_sockets {
  public:
    static constexpr std::uint64_t page_size = 0x1000;
    static constexpr std::uint32_t sid = 8;
    static constexpr unsigned rings = 2;
    static constexpr std::uint64_t descriptors =
        tlm_test::bench::data; // of both rings, a page each
    static constexpr std::uint64_t frames = descriptors + rings * page_size;

    // With more than one outstanding, requests of the function go by nb_transport.
    smmu_host_bench(const smmu::timing &times, std::uint32_t outstanding,
                    const smmu_config &cfg = smmu_config_default())
        : b("b", times, 2, cfg, 1), host(make_host("host", machine(outstanding)))
    {
        bind(*host, b);
        host->ats(0)->server(b.smmu.ats());
        b.smmu.ats_clients()(*host->ats(0));
    }

    // From a process: enables memory accesses and ATS, and the rings.
    void bring_up()
    {
        b.bring_up();
        ecam.write(config + 0x10, 0x10000000 + engine);
        ecam.write(config + 4, 6, 2);
        ecam.write(config + capability(0x0F) + 6, 0x8000, 2);
        for (unsigned ring = 0; ring < rings; ring++) {
            low.write(page(ring) + 0x08, base(ring), 8);
            low.write(page(ring) + 0x10, 6);
            low.write(page(ring), 1);
        }
    }

    // Write PASID Control, with ATS off meanwhile.
    void set_pasids(std::uint32_t control)
    {
        ecam.write(config + capability(0x0F) + 6, 0, 2);
        ecam.write(config + capability(0x1B) + 6, control, 2);
        ecam.write(config + capability(0x0F) + 6, 0x8000, 2);
    }

    // The PASID of a ring, which begins anew with it.
    void open_with_pasid(unsigned ring, std::uint32_t pasid)
    {
        low.write(page(ring), 0);
        low.write(page(ring) + 0x14, 0x80000000 | pasid);
        low.write(page(ring), 1);
        tail[ring] = 0;
    }

    void start_copy(unsigned ring, std::uint64_t source, std::uint64_t destination,
                    std::uint32_t length, bool untranslated)
    {
        const std::uint64_t at = base(ring) + 64 * std::uint64_t{tail[ring]};
        b.memory.store64(at, 1 | (untranslated ? 0x400 : 0));
        b.memory.store64(at + 8, source);
        b.memory.store64(at + 16, destination);
        b.memory.store64(at + 24, length);
        b.memory.store64(at + 40, 0);
        tail[ring] = (tail[ring] + 1) % 64;
        low.write(page(ring) + 0x18, tail[ring]);
    }

    // Of the last descriptor.
    std::uint32_t status(unsigned ring)
    {
        const std::uint64_t at = base(ring) + 64 * std::uint64_t{(tail[ring] + 63) % 64};
        return static_cast<std::uint32_t>(b.memory.load64(at + 40));
    }

    tlm_test::bench b;

  private:
    static constexpr std::uint64_t config = std::uint64_t{sid} << 12;
    static constexpr std::uint64_t engine = 0x100000; // in the low window

    static edited_tree machine(std::uint32_t outstanding)
    {
        auto tree = pcie_machine();
        tree.cells(pcie, "ats-supported", {});
        tree.strings("/", "vp,timing", {"approximate"});
        plug(tree, "dma@1,0", "vp,pcie-dma", sid)
            .cells(below_pcie("dma@1,0"), "vp,burst-ns", {10})
            .cells(below_pcie("dma@1,0"), "vp,burst-bytes", {64})
            .cells(below_pcie("dma@1,0"), "vp,rings", {rings})
            .cells(below_pcie("dma@1,0"), "vp,outstanding", {outstanding});
        return tree;
    }

    std::uint64_t capability(unsigned id)
    {
        std::uint64_t at = 0x100;
        while (at && ecam.read(config + at, 2) != id)
            at = ecam.read(config + at) >> 20;
        return at;
    }

    static std::uint64_t base(unsigned ring) { return descriptors + page_size * ring; }
    static std::uint64_t page(unsigned ring) { return engine + page_size * (ring + 1); }

    std::unique_ptr<vp::ecam_host> host;
    unsigned tail[rings] = {};
};

} // namespace test

#endif
