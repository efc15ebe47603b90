// SPDX-License-Identifier: Apache-2.0
// The function with its accesses under way together: what is where at the end, and in which order
// it gets to memory, whose times are left to chance. Each test runs in a process of its own.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>

#include "../pcie/requests_bench.hpp"
#include "nvme_function.hpp"
#include "vp/bus_access.hpp"

namespace test_nvme_phases {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

constexpr std::uint64_t asq = 0x1000, acq = 0x2000, iosq = 0x3000, iocq = 0x4000;
constexpr std::uint64_t message = 0x8000, list = 0x20000, buffer = 0x100000, page = 0x1000;
constexpr unsigned blocks = 1024, block_size = 512;

enum opcode : std::uint8_t { WRITE = 1, READ = 2, CREATE_SQ = 1, CREATE_CQ = 5 };

// The blocking way to the same memory.
class blocking : public sc_core::sc_module, public vp::pcie_upstream {
  public:
    explicit blocking(const sc_core::sc_module_name &name) : sc_module(name) {}
    tlm_utils::simple_initiator_socket<blocking> socket{"socket"};

  private:
    vp_status request(tlm::tlm_command command, const vp::pcie_requester &, std::uint64_t addr,
                      void *data, std::uint32_t size, sc_time &delay) override
    {
        return vp::bus_access(socket, command, addr, data, size, delay);
    }
};

struct style {
    const char *name;
    bool phases;
    unsigned outstanding;
    unsigned burst_bytes;
    std::vector<unsigned> pieces; // of a block that is written to byte 0x44 of a page
};

void PrintTo(const style &wanted, std::ostream *out)
{
    *out << wanted.name;
}

class nvme_phases : public ::testing::TestWithParam<style> {
  protected:
    nvme_phases() : file(make_file()), nvme(make_nvme())
    {
        way.socket.bind(loose.socket);
        nvme->connect(way);
        if (nvme->requests() != nullptr)
            b.connect(*nvme->requests(), nullptr);
        for (auto *memory : {&b.memory, &loose}) {
            memory->latency = [this](const test::timed_memory::access &access) {
                const sc_time time(static_cast<double>(50 + random() % 400), SC_NS);
                check_order(access, time);
                return time;
            };
        }
    }
    ~nvme_phases() override
    {
        EXPECT_EQ(b.in_flight(), 0u);
        std::remove(file.c_str());
    }

    static std::string make_file()
    {
        std::string pattern = testing::TempDir() + "disk-XXXXXX";
        const int fd = mkstemp(pattern.data());
        EXPECT_EQ(ftruncate(fd, blocks * block_size), 0);
        close(fd);
        return pattern;
    }

    std::unique_ptr<vp::nvme_function> make_nvme() const
    {
        vp::nvme_function::options opts;
        opts.file = file;
        opts.serial = "TEST1";
        opts.requests = {GetParam().phases, GetParam().outstanding, GetParam().burst_bytes, {}};
        return std::make_unique<vp::nvme_function>("nvme", opts, PCIE_INTEGRATED);
    }

    // Data before the completion, the completion before its message.
    void check_order(const test::timed_memory::access &access, const sc_time &time)
    {
        const sc_time begins = access.time;
        check_size(access);
        if (!access.write)
            return;
        if (access.address >= buffer) {
            data_end = std::max(data_end, begins + time);
        } else if (access.address == message) {
            EXPECT_GE(begins, completion_end);
            messages++;
        } else {
            EXPECT_GE(begins, data_end);
            completion_end = begins + time;
        }
    }

    // None goes across. As Device Control says after reset: 128 bytes of a write, 512 of a read.
    static void check_size(const test::timed_memory::access &access)
    {
        unsigned most = GetParam().burst_bytes != 0 ? GetParam().burst_bytes : 0x20000;
        if (GetParam().phases)
            most = std::min(most, access.write ? 128u : 512u);
        EXPECT_LE(access.address % most + access.length, most);
    }

    std::vector<std::uint8_t> &bytes() { return GetParam().phases ? b.memory.bytes : loose.bytes; }

    void put(std::uint64_t addr, std::uint64_t value, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            bytes()[addr + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4)
    {
        ASSERT_EQ(pcie_fn_bar_write(nvme->bus_side(), 0, offset, size, value), VP_OK);
    }

    std::uint16_t capability(unsigned id)
    {
        const pcie_fn *fn = nvme->bus_side();
        std::uint32_t at = pcie_fn_config_read(fn, 0x34, 1);
        while (at && pcie_fn_config_read(fn, static_cast<std::uint16_t>(at), 1) != id)
            at = pcie_fn_config_read(fn, static_cast<std::uint16_t>(at + 1), 1);
        return static_cast<std::uint16_t>(at);
    }

    void start()
    {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        pcie_fn *fn = nvme->bus_side();
        pcie_fn_config_write(fn, 4, 2, 6);
        write(0x2000, message, 8);
        write(0x2008, 0x77, 8);
        pcie_fn_config_write(fn, static_cast<std::uint16_t>(capability(0x11) + 2), 2, 0x8000);
        write(0x24, 7 << 16 | 7);
        write(0x28, asq, 8);
        write(0x30, acq, 8);
        write(0x14, 0x00460001);
        run(asq, acq, 0x1000, {CREATE_CQ, iocq, 0, 7 << 16 | 1, 3, 0});
        run(asq, acq, 0x1000, {CREATE_SQ, iosq, 0, 7 << 16 | 1, 1 << 16 | 1, 0});
    }

    struct command {
        std::uint8_t opcode;
        std::uint64_t prp1, prp2;
        std::uint32_t dw10, dw11, dw12;
    };

    // On a pair of queues of eight; until its completion and message are there.
    void run(std::uint64_t sq, std::uint64_t cq, std::uint64_t doorbell, const command &c)
    {
        unsigned &count = sq == asq ? admin : io;
        const std::uint64_t at = sq + 64 * std::uint64_t{count % 8};
        const std::uint64_t done = cq + 16 * std::uint64_t{count % 8};
        const unsigned phase = count / 8 % 2 == 0;
        put(at, c.opcode, 4);
        put(at + 4, 1, 4);
        put(at + 24, c.prp1, 8);
        put(at + 32, c.prp2, 8);
        put(at + 40, c.dw10, 4);
        put(at + 44, c.dw11, 4);
        put(at + 48, c.dw12, 4);
        count++;
        const unsigned told = messages;
        write(doorbell, count % 8);
        for (unsigned i = 0; i < 10000 && messages == told; i++)
            sc_core::sc_start(1, sc_core::SC_US);
        sc_core::sc_start(1, sc_core::SC_US);
        ASSERT_EQ(bytes()[done + 14] & 1, phase);
        ASSERT_EQ(bytes()[done + 14] >> 1 | bytes()[done + 15] << 7, 0) << "status";
        write(doorbell + 4, count % 8);
    }

    // Pages of the buffer in any order, by PRPs.
    std::vector<std::uint64_t> scatter(command &c, unsigned pages)
    {
        std::vector<std::uint64_t> all(64);
        for (std::size_t i = 0; i < all.size(); i++)
            all[i] = buffer + i * page;
        std::shuffle(all.begin(), all.end(), random);
        all.resize(pages);
        c.prp1 = all[0];
        c.prp2 = pages == 2 ? all[1] : list;
        for (unsigned i = 1; i < pages; i++)
            put(list + 8 * std::uint64_t{i - 1}, all[i], 8);
        return all;
    }

    std::mt19937 random{4711};
    std::string file;
    test::requests_bench b{"b"};
    test::timed_memory loose{"loose", 0x200000};
    blocking way{"way"};
    std::unique_ptr<vp::nvme_function> nvme;
    sc_time data_end, completion_end; // when the last are in memory
    unsigned messages = 0;
    unsigned admin = 0, io = 0;
};

TEST_P(nvme_phases, TrafficMatchesAMirrorAndIsInOrder)
{
    std::vector<std::uint8_t> mirror(blocks * block_size);
    start();
    for (unsigned round = 0; round < 100; round++) {
        const unsigned pages = 1 + static_cast<unsigned>(random() % 32);
        const auto block = static_cast<std::uint32_t>(random() % (blocks - 8 * pages + 1));
        command c = {random() % 2 ? WRITE : READ, 0, 0, block, 0, 8 * pages - 1};
        const auto where = scatter(c, pages);
        for (const std::uint64_t at : where)
            for (std::uint64_t i = 0; i < page; i++)
                bytes()[at + i] = static_cast<std::uint8_t>(random());
        const auto before = bytes();
        ASSERT_NO_FATAL_FAILURE(run(iosq, iocq, 0x1008, c));
        for (std::size_t i = 0; i < where.size(); i++) {
            std::uint8_t *const wanted = &mirror[block * block_size + i * page];
            if (c.opcode == WRITE)
                std::memcpy(wanted, &before[where[i]], page);
            ASSERT_EQ(std::memcmp(wanted, &bytes()[where[i]], page), 0) << round << " page " << i;
        }
    }
    std::ifstream stored(file, std::ios::binary);
    const std::vector<char> data((std::istreambuf_iterator<char>(stored)), {});
    ASSERT_EQ(data.size(), mirror.size());
    EXPECT_EQ(std::memcmp(data.data(), mirror.data(), mirror.size()), 0);
    EXPECT_EQ(messages, 102u);
    EXPECT_EQ(b.memory.most, GetParam().phases ? GetParam().outstanding : 0);
}

// PCI Express Base Specification 6.0, 7.5.3.4: Enable Relaxed Ordering. Without it a write waits
// for the one before.
TEST_P(nvme_phases, DeviceControlLetsDataHaveRelaxedOrdering)
{
    start();
    const auto control = static_cast<std::uint16_t>(capability(0x10) + 8);
    for (const bool relaxed : {true, false}) {
        command c = {READ, 0, 0, 0, 0, 8 * 16 - 1};
        scatter(c, 16);
        pcie_fn_config_write(nvme->bus_side(), control, 2, relaxed ? 0x2810 : 0x2800);
        b.memory.most = 0;
        ASSERT_NO_FATAL_FAILURE(run(iosq, iocq, 0x1008, c));
        EXPECT_EQ(b.memory.most, GetParam().phases ? relaxed ? GetParam().outstanding : 1 : 0);
    }
}

TEST_P(nvme_phases, RequestsEndAtMultiplesOfTheirLimit)
{
    const auto &memory = GetParam().phases ? b.memory : loose;
    std::vector<unsigned> lengths;
    start();
    ASSERT_NO_FATAL_FAILURE(run(iosq, iocq, 0x1008, {READ, buffer + 0x44, 0, 0, 0, 0}));
    for (const auto &access : memory.seen)
        if (access.write && access.address >= buffer)
            lengths.push_back(access.length);
    EXPECT_EQ(lengths, GetParam().pieces);
}

const std::vector<unsigned> whole = {512};
const std::vector<unsigned> by_64 = {60, 64, 64, 64, 64, 64, 64, 64, 4};
const std::vector<unsigned> by_128 = {60, 128, 128, 128, 68};
const std::vector<unsigned> by_256 = {188, 256, 68};

// Bursts are the smaller of what the tree and what Device Control says.
INSTANTIATE_TEST_SUITE_P(styles, nvme_phases,
                         ::testing::Values(style{"blocking", false, 1, 0, whole},
                                           style{"blocking_bursts", false, 1, 256, by_256},
                                           style{"phases_1", true, 1, 0, by_128},
                                           style{"phases_8", true, 8, 0, by_128},
                                           style{"phases_small_bursts", true, 1, 64, by_64},
                                           style{"phases_large_bursts", true, 8, 256, by_128}),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace test_nvme_phases
