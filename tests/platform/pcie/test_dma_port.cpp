// SPDX-License-Identifier: Apache-2.0
// DMA functions with a port: the second interface of the engine between software and memory.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>

#include "ecam_bench.hpp"
#include "pcie_dma_port.hpp"
#include "support/shared_bench.hpp"

namespace test_dma_port {
namespace {

using test::below_pcie;
using test::edited_tree;
using test::make_host;
using test::memory;
using test::plug;
using test::seen_access;
using test::software;

constexpr const char *plain = "/dma-port@c010000";  // of 00:01.0, with StreamID 0x20
constexpr const char *behind = "/dma-port@c030000"; // of the one behind a root port, with two
constexpr const char *direct = "/dma-port@c050000"; // of 00:03.0, without `iommus`

edited_tree &add_port(edited_tree &tree, const char *path, std::uint32_t function)
{
    return tree.node(path)
        .strings(path, "compatible", {"vp,dma-port"})
        .cells(path, "vp,function", {function});
}

// The functions have the phandles 16, 17 and 18.
edited_tree machine()
{
    auto tree = test::bench_tree();
    plug(tree, "dma@3,0", "vp,pcie-dma", 0x18).cells(below_pcie("dma@3,0"), "phandle", {18});
    tree.cells(below_pcie("dma@1,0"), "phandle", {16});
    tree.cells(below_pcie("port@2,0/dma@0,0"), "phandle", {17});
    add_port(tree, plain, 16).cells(plain, "iommus", {3, 0x20});
    add_port(tree, behind, 17).cells(behind, "iommus", {3, 0x30, 3, 0x31});
    add_port(tree, direct, 18);
    return tree;
}

std::unique_ptr<vp::pcie_dma_port> make_port(const edited_tree &tree, const char *path)
{
    const std::string name = sc_core::sc_gen_unique_name("port");
    return std::make_unique<vp::pcie_dma_port>(name.c_str(), *tree.tree().by_path(path));
}

void connect(vp::pcie_dma_port &port, vp::ecam_host &host)
{
    port.connect([&host](const vp::dt_node &node) { return host.model_of(node); });
}

// --- Mistakes in the device tree (first: AddressSanitizer takes exceptions after the first switch
// of SystemC processes for errors) ---

struct bench : test::host_bench<memory> {
    // Ways 3 to 5 are those of the ports.
    explicit bench(const edited_tree &tree = machine()) : host_bench(tree, 6u)
    {
        const char *const paths[] = {plain, behind, direct};
        for (unsigned i = 0; i < 3; i++) {
            ports.push_back(make_port(tree, paths[i]));
            connect(*ports[i], *host);
            users[i].socket.bind(*ports[i]->regs()[0]);
            ram.sockets[3 + i].bind(*ports[i]->masters()[0]);
        }
        ports[0]->irqs()[0]->bind(line);
    }

    std::vector<std::unique_ptr<vp::pcie_dma_port>> ports;
    sc_core::sc_vector<software> users{"user", 3}; // of the ports
    vp::wire line{"line"};                         // of the first port; the others have none
};

support::shared_bench<bench> the_bench;

// What is wrong with the port at `path` of the tree, on the bench's bus.
std::string mistake(const edited_tree &tree, const char *path)
{
    try {
        connect(*make_port(tree, path), *the_bench->host);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(a_dma_port_node, names_its_function)
{
    auto tree = machine();
    tree.remove(plain, "vp,function");
    EXPECT_EQ(mistake(tree, plain), std::string(plain) + ": vp,function: is missing");
}

TEST(a_dma_port_node, names_a_function_that_is_in_the_tree)
{
    auto tree = machine();
    tree.cells(plain, "vp,function", {99});
    EXPECT_EQ(mistake(tree, plain), std::string(plain) + ": vp,function: no node has phandle 99");
}

TEST(a_dma_port_node, names_a_dma_function)
{
    auto tree = machine();
    tree.cells(plain, "vp,function", {3});
    EXPECT_EQ(mistake(tree, plain),
              std::string(plain) + ": vp,function: /smmu@2000 is not an enabled vp,pcie-dma");
}

TEST(a_dma_port_node, names_a_function_without_a_port)
{
    EXPECT_EQ(mistake(machine(), plain), std::string(plain) +
                                             ": vp,function: " + below_pcie("dma@1,0") +
                                             " has a port already: " + plain);
}

TEST(a_dma_port_node, names_streams_with_their_ids)
{
    auto tree = machine();
    tree.cells("/smmu@2000", "#iommu-cells", {0}).cells(plain, "iommus", {3});
    EXPECT_EQ(mistake(tree, plain),
              std::string(plain) + ": iommus: has an entry without a StreamID");
}

// --- Three ports at work ---

class dma_port : public ::testing::Test {
  protected:
    static constexpr std::uint64_t function = 0x08 << 12; // in configuration space
    static constexpr std::uint64_t bars = 0x100000;       // in the low window
    static constexpr std::uint64_t ring = 0x1000;         // registers, of ring 0
    static constexpr std::uint32_t by_port = 0x1801;      // a copy, both sides by the port

    // Nobody has enumerated the bus.
    dma_port() : b(*the_bench)
    {
        if (!sc_core::sc_start_of_simulation_invoked())
            sc_core::sc_start(sc_core::SC_ZERO_TIME);
        reset();
        b.ecam.write(function + 4, 0, 2);
        b.ecam.write(function + 0x10, 0);
        for (unsigned i = 0; i < 256; i++)
            b.ram.bytes[0x1000 + i] = static_cast<std::uint8_t>(i * 7 + 1);
        std::memset(&b.ram.bytes[0x2000], 0, 0x1000);
        b.ram.seen.clear();
    }

    // Where the PCI Express capability of a function is.
    std::uint64_t express(std::uint64_t fn)
    {
        std::uint64_t at = b.ecam.read(fn + 0x34, 1);
        while (b.ecam.read(fn + at, 1) != 0x10)
            at = b.ecam.read(fn + at + 1, 1);
        return fn + at;
    }

    // Function-level reset.
    void reset()
    {
        b.ecam.write(express(function) + 8, 0x8000, 2);
        run_ns(100);
    }

    // Memory Space and Bus Master Enable, with registers at the start of the low window.
    void enumerate()
    {
        b.ecam.write(function + 0x10, 0x10000000 + bars);
        b.ecam.write(function + 4, 6, 2);
    }

    void put_descriptor(std::uint32_t control, std::uint64_t src, std::uint64_t dst,
                        std::uint32_t length)
    {
        const std::uint64_t words[] = {control, src, dst, length, 0, 0, 0, 0};
        std::memcpy(b.ram.bytes.data(), words, sizeof words);
    }

    // Runs the descriptor at 0 on a ring that is reached by the port, as are its descriptors.
    void start(unsigned port, unsigned r)
    {
        software &user = b.users[port];
        const std::uint64_t at = ring + 0x1000 * std::uint64_t{r};

        user.write(at, 0);
        user.write(at + 0x3C, 1);
        user.write(at + 0x10, 1);
        user.write(at, 1);
        user.write(at + 0x18, 1);
    }

    void run(unsigned port = 0, unsigned r = 0)
    {
        start(port, r);
        run_ns(10000);
    }

    std::uint32_t status() const
    {
        std::uint32_t value = 0;
        std::memcpy(&value, &b.ram.bytes[40], 4);
        return value;
    }

    bool copied(std::size_t size) const
    {
        return std::memcmp(&b.ram.bytes[0x1000], &b.ram.bytes[0x2000], size) == 0;
    }

    static void run_ns(double ns) { sc_core::sc_start(ns, sc_core::SC_NS); }

    bench &b;
};

TEST_F(dma_port, ShowsTheRegistersOfBar0)
{
    enumerate();
    b.users[0].write(ring + 8, 0x123456780000, 8);
    EXPECT_EQ(b.low.read(bars + ring + 8, 8), 0x123456780000u);
    EXPECT_EQ(b.low.read(bars + 4), 0x10604u) << "CAPS tells of the port";
    b.users[0].write(ring + 8, 0, 8);
}

TEST_F(dma_port, RefusesWhatTheRegistersRefuse)
{
    std::uint64_t value = 0;
    EXPECT_EQ(b.users[0].access(tlm::TLM_READ_COMMAND, 0, &value, 1, 1),
              tlm::TLM_GENERIC_ERROR_RESPONSE);
}

TEST_F(dma_port, IsReadByDebuggers)
{
    tlm::tlm_generic_payload trans;
    std::uint32_t value = 0;
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(0);
    trans.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
    trans.set_data_length(4);
    EXPECT_EQ(b.users[0].socket->transport_dbg(trans), 4u);
    EXPECT_EQ(value, 0x314D4450u);
}

TEST_F(dma_port, WorksBeforeTheBusIsEnumerated)
{
    put_descriptor(by_port, 0x1000, 0x2000, 200);
    run();
    EXPECT_EQ(status(), 1u);
    EXPECT_TRUE(copied(200));
}

TEST_F(dma_port, IsABusMasterWithItsOwnStream)
{
    put_descriptor(by_port, 0x1000, 0x2000, 64);
    run();
    ASSERT_EQ(b.ram.seen.size(), 5u);
    for (const seen_access &seen : b.ram.seen) {
        EXPECT_EQ(seen.way, 3u);
        EXPECT_EQ(seen.attributes.sid, 0x20u);
        EXPECT_FALSE(seen.attributes.ssv);
        EXPECT_FALSE(seen.attributes.translated);
    }
}

TEST_F(dma_port, LeavesTheOtherSideToTheFunction)
{
    enumerate();
    put_descriptor(0x801, 0x1000, 0x2000, 64); // the source by the port
    run();
    EXPECT_EQ(status(), 1u);
    ASSERT_EQ(b.ram.seen.size(), 5u);
    EXPECT_EQ(b.ram.seen[1].way, 3u);
    EXPECT_EQ(b.ram.seen[2].way, 0u);
    EXPECT_EQ(b.ram.seen[2].attributes.sid, 0x08u);
    EXPECT_TRUE(copied(64));
}

TEST_F(dma_port, DoesNotHelpAFunctionThatMayNotMaster)
{
    put_descriptor(0x1001, 0x1000, 0x2000, 64); // the source by the function
    run();
    EXPECT_EQ(status(), 2u);
    put_descriptor(0x801, 0x1000, 0x2000, 64);
    run();
    EXPECT_EQ(status(), 3u);
}

TEST_F(dma_port, KnowsHowItsWritesEnd)
{
    put_descriptor(0x1002, 0, memory::refused, 8);
    run();
    EXPECT_EQ(status(), 3u);
}

TEST_F(dma_port, TakesTimeForItsAccesses)
{
    put_descriptor(0x1002, 0, 0x2000, 256);
    start(0, 0);
    run_ns(69); // seven accesses: the descriptor, four bursts, two parts of the outcome
    EXPECT_EQ(b.users[0].read(ring + 4), 1u);
    run_ns(2);
    EXPECT_EQ(b.users[0].read(ring + 4), 0u);
}

TEST_F(dma_port, GivesItsStreamsToRingsInTurn)
{
    const std::uint32_t sids[] = {0x30, 0x31, 0x30, 0x31};
    for (unsigned r = 0; r < 4; r++) {
        b.ram.seen.clear();
        put_descriptor(by_port, 0x1000, 0x2000, 64);
        run(1, r);
        ASSERT_EQ(b.ram.seen.size(), 5u);
        EXPECT_EQ(b.ram.seen[0].attributes.sid, sids[r]);
        EXPECT_EQ(b.ram.seen[0].way, 4u);
    }
}

TEST_F(dma_port, HasStream0WithoutIommus)
{
    put_descriptor(by_port, 0x1000, 0x2000, 64);
    run(2);
    EXPECT_EQ(status(), 1u);
    ASSERT_EQ(b.ram.seen.size(), 5u);
    EXPECT_EQ(b.ram.seen[0].way, 5u);
    EXPECT_EQ(b.ram.seen[0].attributes.sid, 0u);
}

TEST_F(dma_port, InterruptsByALevel)
{
    put_descriptor(0x100, 0, 0, 0);
    run();
    EXPECT_FALSE(b.line.read()) << "not enabled";
    b.users[0].write(0x14, 1);
    EXPECT_TRUE(b.line.read());
    b.users[0].write(8, 1);
    EXPECT_FALSE(b.line.read());
}

TEST_F(dma_port, MayHaveNoInterrupt)
{
    put_descriptor(0x100, 0, 0, 0);
    b.users[2].write(0x14, 1);
    run(2);
    EXPECT_EQ(b.users[2].read(8), 1u);
}

TEST_F(dma_port, IsResetWithTheFunction)
{
    put_descriptor(0x100, 0, 0, 0);
    run();
    b.users[0].write(0x14, 1);
    put_descriptor(0x1002, 0, 0x2000, 0x1000);
    start(0, 0);
    run_ns(100);
    reset();
    EXPECT_FALSE(b.line.read());
    EXPECT_EQ(b.users[0].read(0x14), 0u);
    EXPECT_EQ(b.users[0].read(ring), 0u);
    const std::size_t before = b.ram.seen.size();
    run_ns(10000);
    EXPECT_EQ(b.ram.seen.size(), before) << "work in progress ends";
}

TEST_F(dma_port, WorksWithoutTheLinkOfItsFunction)
{
    const std::uint64_t link_control = express(0x10 << 12) + 0x10; // of the root port
    b.users[1].write(ring + 8, 0x4000, 8);
    b.ecam.write(link_control, 0x10, 2);
    EXPECT_EQ(b.users[1].read(ring + 8, 8), 0u) << "a link that goes down resets what is behind it";
    put_descriptor(by_port, 0x1000, 0x2000, 64);
    run(1);
    b.ecam.write(link_control, 0, 2);
    EXPECT_EQ(status(), 1u);
}

TEST_F(dma_port, CountsItsBytes)
{
    const auto before = b.ports[0]->counters();
    put_descriptor(by_port, 0x1000, 0x2000, 64);
    run();
    const auto after = b.ports[0]->counters();
    ASSERT_EQ(after.size(), 2u);
    EXPECT_EQ(after[0].name, "bytes-read");
    EXPECT_EQ(after[0].value - before[0].value, 128u) << "with the descriptor";
    EXPECT_EQ(after[1].name, "bytes-written");
    EXPECT_EQ(after[1].value - before[1].value, 88u) << "with its outcome";
}

} // namespace
} // namespace test_dma_port
