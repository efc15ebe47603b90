// SPDX-License-Identifier: Apache-2.0
// A virtio disk in a PCI Express host behind the SMMU itself, with a driver of a few lines.
#ifndef TESTS_VIRTIO_SMMU_BENCH_HPP
#define TESTS_VIRTIO_SMMU_BENCH_HPP

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "pcie/host_sockets.hpp"
#include "virtio_blk_function.hpp"
#include "virtio_rng_function.hpp"

namespace virtio_test {

// Of which only holes are there until the device writes.
class disk_image {
  public:
    static constexpr std::size_t size = 0x100000;

    disk_image()
    {
        std::string pattern = testing::TempDir() + "virtio-XXXXXX";
        const int fd = mkstemp(pattern.data());
        EXPECT_EQ(ftruncate(fd, size), 0);
        close(fd);
        path = pattern;
    }
    ~disk_image() { std::remove(path.c_str()); }
    disk_image(const disk_image &) = delete;
    disk_image &operator=(const disk_image &) = delete;

    std::vector<char> read(std::size_t offset, std::size_t count) const
    {
        std::vector<char> bytes(count);
        std::ifstream file(path, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(offset));
        file.read(bytes.data(), static_cast<std::streamsize>(count));
        return bytes;
    }

    std::string path;
};

class virtio_smmu_bench : private test::host_sockets {
  public:
    static constexpr std::uint64_t page = 0x1000;
    static constexpr std::uint32_t disk_sid = 0x08;
    static constexpr std::uint32_t rng_sid = 0x10;
    static constexpr unsigned entries = 8;
    // Where the device sees its rings and buffers, and how far from there they are in memory.
    static constexpr std::uint64_t ring = 0x40000000;
    static constexpr std::uint64_t buffers = 0x40010000;

    explicit virtio_smmu_bench(bool approximate)
        : b("b", times(approximate), 2, smmu_config_default(), 1),
          host(std::make_unique<vp::ecam_host>(
              "host",
              vp::read_pcie_node(*machine(image.path, approximate).tree().by_path(test::pcie)),
              models()))
    {
        bind(*host, b);
    }

    // A page of `ring` or `buffers` in memory: pages that follow each other for the device do not
    // there.
    static std::uint64_t physical(std::uint64_t addr)
    {
        const std::uint64_t number = (addr - ring) / page;
        return tlm_test::bench::data + (number * 7 + 3) % 64 * page + addr % page;
    }

    // From a process: enables the SMMU and a function, and its queue 0, up to DRIVER_OK.
    void bring_up(std::uint32_t sid)
    {
        b.bring_up();
        const std::uint64_t config = std::uint64_t{sid} << 12;
        bar = bars + (sid == disk_sid ? 0 : 0x10000);
        ecam.write(config + 0x10, 0x10000000 + bar);
        ecam.write(config + 0x14, 0);
        ecam.write(config + 4, 6, 2);
        low.write(bar + 0x14, 3, 1);
        for (const std::uint64_t half : {0, 1}) {
            low.write(bar + 0x08, half);
            low.write(bar + 0x0C, half == 0 ? 0 : 3); // VERSION_1, ACCESS_PLATFORM
        }
        low.write(bar + 0x14, 11, 1);
        EXPECT_EQ(low.read(bar + 0x14, 1), 11u);
        low.write(bar + 0x18, entries, 2);
        for (unsigned area = 0; area < 3; area++) {
            low.write(bar + 0x20 + 8 * area, ring + area * page);
            low.write(bar + 0x24 + 8 * area, 0);
        }
        low.write(bar + 0x1C, 1, 2);
        low.write(bar + 0x14, 15, 1);
    }

    std::uint64_t status() { return low.read(bar + 0x14, 1); }

    void desc(unsigned n, std::uint64_t addr, std::uint32_t size, unsigned flags)
    {
        const std::uint64_t at = physical(ring) + 16 * n;
        b.memory.store64(at, addr);
        b.memory.store64(at + 8, std::uint64_t{n + 1} << 48 | std::uint64_t{flags} << 32 | size);
    }

    // Makes the chain at descriptor 0 available, and lets the device have some time.
    void offer()
    {
        made++;
        // Entries of the ring are all 0.
        b.memory.store64(physical(ring + page), std::uint64_t{made} << 16);
        b.memory.store64(physical(ring + page) + 8, 0);
        low.write(bar + 0x3000, 0, 2);
        sc_core::wait(1, sc_core::SC_MS);
    }

    // A request of the disk with `size` bytes in the second of the buffers; returns its status.
    unsigned request(unsigned type, std::uint64_t sector, std::uint32_t size)
    {
        b.memory.store64(physical(buffers), type);
        b.memory.store64(physical(buffers) + 8, sector);
        b.memory.store64(physical(buffers) + 16, 0xEE);
        desc(0, buffers, 16, 1);
        desc(1, buffers + page, size, type == 0 ? 3 : 1);
        desc(2, buffers + 16, 1, 2);
        offer();
        return static_cast<unsigned>(b.memory.load64(physical(buffers) + 16) & 0xFF);
    }

    std::uint64_t used_index() { return b.memory.load64(physical(ring + 2 * page)) >> 16 & 0xFFFF; }

    // The rings and `count` buffers are mapped.
    static void map(tlm_test::stream &s, unsigned count)
    {
        for (unsigned i = 0; i < 3; i++)
            s.map(ring + i * page, physical(ring + i * page));
        for (unsigned i = 0; i < count; i++)
            s.map(buffers + i * page, physical(buffers + i * page));
    }

    disk_image image;
    tlm_test::bench b;

  private:
    static constexpr std::uint64_t bars = 0x100000; // in the low window

    static smmu::timing times(bool approximate)
    {
        smmu::timing t;
        if (approximate)
            t.mode = smmu::timing_mode::approximately_timed;
        return t;
    }

    static const std::vector<vp::pcie_function_model> &models()
    {
        static const std::vector<vp::pcie_function_model> list = {
            {"vp,virtio-blk", vp::make_virtio_blk_function},
            {"vp,virtio-rng", vp::make_virtio_rng_function}};
        return list;
    }

    static test::edited_tree machine(const std::string &path, bool approximate)
    {
        auto tree = test::pcie_machine();
        if (approximate)
            tree.strings("/", "vp,timing", {"approximate"});
        test::plug(tree, "disk@1,0", "vp,virtio-blk", disk_sid)
            .strings(test::below_pcie("disk@1,0"), "vp,backing-file", {path})
            .cells(test::below_pcie("disk@1,0"), "vp,outstanding", {8});
        test::plug(tree, "rng@2,0", "vp,virtio-rng", rng_sid)
            .cells(test::below_pcie("rng@2,0"), "vp,outstanding", {8});
        return tree;
    }

    std::unique_ptr<vp::ecam_host> host;
    std::uint64_t bar = 0;
    std::uint16_t made = 0;
};

} // namespace virtio_test

#endif
