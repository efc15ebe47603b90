// SPDX-License-Identifier: Apache-2.0
// TLM to pins and back is as though there were no pins.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "../tlm/at_initiators.hpp"
#include "../tlm/at_targets.hpp"
#include "../tlm/error_log.hpp"
#include "bridge_traffic.hpp"

namespace pins_test::test_axi_bridges {

namespace {

using namespace smmu::pins;
using tlm_test::at_transfer;
using hop = std::unique_ptr<bridge_hop>;
using strings = std::vector<std::string>;

template <unsigned DATA> struct full_bus_of : full_bus {
    static constexpr unsigned data_width = DATA;
};

struct bus_kind {
    const char *name;
    std::function<hop(const char *name, const sc_core::sc_time &period)> make;
};

template <class C, class STYLE> hop make_hop(const char *name, const sc_core::sc_time &period)
{
    return std::make_unique<bridge_hop_of<C, STYLE>>(name, period);
}

const std::vector<bus_kind> buses = {
    {"full_8_two", make_hop<full_bus_of<8>, two_state>},
    {"full_64_four", make_hop<full_bus, four_state>},
    {"full_128_two", make_hop<full_bus_of<128>, two_state>},
    {"full_512_four", make_hop<full_bus_of<512>, four_state>},
    {"axi4_32_two", make_hop<axi4<32, 4, 32>, two_state>},
    {"axi4_256_no_id", make_hop<axi4<256, 0, 40>, two_state>},
    {"axi5_256_two", make_hop<axi5<256, 2, 48>, two_state>},
    {"lite_32_four", make_hop<axi4_lite<32, 32>, four_state>},
};

// Processes that call b_transport, several at a time.
class blocking_clients : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<blocking_clients> socket{"socket"};

    explicit blocking_clients(const sc_core::sc_module_name &name) : sc_module(name) {}

    void run(std::deque<at_transfer> &transfers, unsigned processes)
    {
        unsigned running = processes;
        std::size_t next = 0;
        sc_core::sc_event ended;
        for (unsigned i = 0; i < processes; i++)
            sc_core::sc_spawn([&] {
                while (next < transfers.size())
                    send(transfers[next++]);
                if (--running == 0)
                    ended.notify(sc_core::SC_ZERO_TIME);
            });
        wait(ended);
    }

  private:
    void send(at_transfer &it)
    {
        tlm::tlm_generic_payload payload;
        tlm_test::fill(payload, it);
        sc_core::sc_time delay(static_cast<double>(it.data.size() % 3), sc_core::SC_NS);
        socket->b_transport(payload, delay);
        it.status = payload.get_response_status();
        payload.clear_extension<smmu::attributes>();
    }
};

// An initiator, one or two hops, memory.
struct bench {
    bench(const std::vector<bus_kind> &kinds, std::size_t initiator, std::size_t target)
        : memory("memory", tlm_test::at_target_kinds.at(target), bytes),
          approximate("approximate", tlm_test::at_initiator_kinds.at(initiator), 12), loose("loose")
    {
        const double periods[] = {10, 7.3};
        for (const bus_kind &kind : kinds)
            hops.push_back(kind.make(("hop" + std::to_string(hops.size())).c_str(),
                                     {periods[hops.size()], sc_core::SC_NS}));
        for (std::size_t i = 1; i < hops.size(); i++)
            hops[i - 1]->down.initiator_socket.bind(hops[i]->up.target_socket);
        hops.back()->down.initiator_socket.bind(memory.socket);
    }

    // Suspends the process until `transfers` have ended.
    void run(std::deque<at_transfer> &transfers, bool blocking)
    {
        if (blocking) {
            loose.run(transfers, 12);
            return;
        }
        for (at_transfer &each : transfers)
            approximate.send(each);
        approximate.wait_until_idle();
    }

    void bind(bool blocking)
    {
        if (blocking) {
            loose.socket.bind(hops[0]->up.target_socket);
            approximate.socket.bind(unused.target_socket);
        } else {
            approximate.socket.bind(hops[0]->up.target_socket);
            loose.socket.bind(unused.target_socket);
        }
        unused.initiator_socket.bind(unused_memory.port);
    }

    tlm_test::error_log errors;
    tlm_test::storage bytes;
    tlm_test::at_memory memory;
    std::vector<hop> hops;
    tlm_test::at_sender approximate;
    blocking_clients loose;
    smmu::protocol_checker<> unused{"unused"};
    tlm_test::ram unused_memory{"unused_memory"};
};

struct plan {
    std::string name;
    std::vector<bus_kind> buses;
    bool blocking;
    std::size_t initiator;
    std::size_t target;
    bool stutter;
    unsigned rounds;
    std::uint64_t seed = 0;
};

void PrintTo(const plan &it, std::ostream *out)
{
    *out << it.name;
}

std::vector<plan> plans()
{
    std::vector<plan> all;
    const std::size_t initiators = tlm_test::at_initiator_kinds.size();
    const std::size_t targets = tlm_test::at_target_kinds.size();
    for (std::size_t i = 0; i < buses.size(); i++)
        for (const bool blocking : {false, true})
            for (const bool stutter : {false, true}) {
                const std::string name = std::string(buses[i].name) +
                                         (blocking ? "_loose" : "_approximate") +
                                         (stutter ? "_stutter" : "");
                const std::size_t n = all.size();
                all.push_back({name,
                               {buses[i]},
                               blocking,
                               n % initiators,
                               (n * 5) % targets,
                               stutter,
                               stutter ? 6u : 3u});
            }
    for (const bool stutter : {false, true}) {
        const std::string end = stutter ? "_stutter" : "";
        all.push_back(
            {"two_clocks" + end, {buses[2], buses[1]}, false, 4, 11, stutter, stutter ? 12u : 4u});
        all.push_back({"two_clocks_wide" + end, {buses[0], buses[3]}, true, 0, 10, stutter, 4u});
    }
    for (std::size_t target = 0; target < targets; target++)
        all.push_back({std::string("memory_") + tlm_test::at_target_kinds[target].name,
                       {buses[2]},
                       false,
                       target % initiators,
                       target,
                       target % 2 == 0,
                       2});
    for (std::size_t i = 0; i < all.size(); i++)
        all[i].seed = 1000 + i;
    return all;
}

struct bridges : testing::TestWithParam<plan> {};

TEST_P(bridges, are_transparent)
{
    const plan &p = GetParam();
    const std::uint64_t seed = p.seed;
    std::cout << "seed " << seed << "\n";
    bench b(p.buses, p.initiator, p.target);
    b.bind(p.blocking);
    bus_words words = b.hops[0]->words();
    for (const hop &each : b.hops) {
        words.streams = words.streams && each->words().streams;
        words.atomics = words.atomics && each->words().atomics;
        if (p.stutter)
            each->stutter(seed + 1);
    }
    b.bytes.atomics = true;
    bridge_traffic traffic(seed, words);
    bool done = false;
    sc_core::sc_spawn([&] {
        for (unsigned round = 0; round < p.rounds && !testing::Test::HasFailure(); round++) {
            b.run(traffic.next_round(60), p.blocking);
            traffic.check_round(b.bytes);
        }
        sc_core::wait(200, sc_core::SC_NS);
        done = true;
        sc_core::sc_stop();
    });
    sc_core::sc_start(100, sc_core::SC_MS);
    EXPECT_TRUE(done) << "dead-lock";
    for (const hop &each : b.hops)
        EXPECT_TRUE(each->idle());
    EXPECT_EQ(b.errors.texts, strings());
}

// An access of 8 bytes, from a process.
struct exclusive_client : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<exclusive_client> socket{"socket"};
    const std::uint64_t address = tlm_test::storage::base + 0x100;

    explicit exclusive_client(const sc_core::sc_module_name &name) : sc_module(name) {}

    // Whether it has succeeded as an exclusive access.
    bool send(at_transfer it, unsigned id, bool exclusive = true)
    {
        smmu::exclusive_access access;
        tlm::tlm_generic_payload payload;
        it.attributes.id = id;
        it.attributes.memattr = {0x44, SMMU_SH_OUTER};
        it.attributes.exclusive = exclusive ? &access : nullptr;
        tlm_test::fill(payload, it);
        sc_core::sc_time delay;
        socket->b_transport(payload, delay);
        payload.clear_extension<smmu::attributes>();
        EXPECT_TRUE(payload.is_response_ok());
        return access.succeeded;
    }
    bool read(unsigned id) { return send(tlm_test::at_read(address, 8), id); }
    bool write(unsigned id, unsigned char byte, bool exclusive = true)
    {
        return send(tlm_test::at_write(address, std::vector<unsigned char>(8, byte)), id,
                    exclusive);
    }
};

// Two buses, at the end of which somebody watches (IHI 0022 L A6.3).
TEST(exclusives, pass_bridges_and_so_does_their_outcome)
{
    tlm_test::error_log errors;
    exclusive_monitor monitor;
    exclusive_client client("client");
    tlm_test::ram memory("memory");
    hop first = buses[2].make("first", {10, sc_core::SC_NS});
    hop second = buses[1].make("second", {7.3, sc_core::SC_NS});
    client.socket.bind(first->up.target_socket);
    first->down.initiator_socket.bind(second->up.target_socket);
    second->down.initiator_socket.bind(memory.port);
    second->from_pins().set_monitor(&monitor);
    bool done = false;
    sc_core::sc_spawn([&] {
        EXPECT_FALSE(client.write(1, 0x11)) << "nobody has read";
        EXPECT_EQ(*memory.host(client.address), 0x00);
        EXPECT_TRUE(client.read(1));
        EXPECT_TRUE(client.write(1, 0x22));
        EXPECT_EQ(*memory.host(client.address), 0x22);
        EXPECT_FALSE(client.write(1, 0x33)) << "once only";
        EXPECT_TRUE(client.read(1));
        EXPECT_TRUE(client.read(2));
        EXPECT_TRUE(client.write(2, 0x44));
        EXPECT_FALSE(client.write(1, 0x55)) << "the other one was first";
        EXPECT_TRUE(client.read(1));
        client.write(3, 0x66, false);
        EXPECT_FALSE(client.write(1, 0x77)) << "somebody has written";
        EXPECT_EQ(*memory.host(client.address), 0x66);
        sc_core::wait(200, sc_core::SC_NS);
        done = true;
        sc_core::sc_stop();
    });
    sc_core::sc_start(1, sc_core::SC_MS);
    EXPECT_TRUE(done);
    EXPECT_TRUE(first->idle() && second->idle());
    EXPECT_EQ(errors.texts, strings());
}

INSTANTIATE_TEST_SUITE_P(random, bridges, testing::ValuesIn(plans()),
                         [](const auto &info) { return info.param.name; });

} // namespace

} // namespace pins_test::test_axi_bridges
