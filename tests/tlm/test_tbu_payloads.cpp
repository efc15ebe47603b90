// SPDX-License-Identifier: Apache-2.0
// The payloads that an approximately-timed SMMU sends: used again, without what others have left
// in them (IEEE 1666 14.5, 14.21).
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "at_bench.hpp"
#include "carried_extensions.hpp"

namespace tlm_test::test_tbu_payloads {

namespace {

struct mark : tlm::tlm_extension<mark> {
    static unsigned alive;

    mark() { alive++; }
    ~mark() override { alive--; }
    tlm::tlm_extension_base *clone() const override { return new mark; }
    void copy_from(const tlm::tlm_extension_base &) override {}
};

unsigned mark::alive = 0;

// Leaves an extension in each payload, which goes with the last reference to it.
struct marking_memory : sc_core::sc_module {
    tlm_utils::multi_passthrough_target_socket<marking_memory> socket{"socket"};
    storage bytes;
    std::set<const tlm::tlm_generic_payload *> payloads;
    unsigned requests = 0;
    unsigned marked = 0; // requests that came with a mark

    explicit marking_memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &marking_memory::nb_transport_fw);
    }

    tlm::tlm_sync_enum nb_transport_fw(int, tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                                       sc_core::sc_time &)
    {
        payloads.insert(&payload);
        requests++;
        marked += payload.get_extension<mark>() != nullptr;
        payload.set_auto_extension(new mark);
        bytes.perform(payload);
        return tlm::TLM_COMPLETED;
    }
};

// Notes the extensions of a request, by their IDs, and the generic payload option, which it
// changes.
struct noting_memory : sc_core::sc_module {
    tlm_utils::multi_passthrough_target_socket<noting_memory> socket{"socket"};
    storage bytes;
    std::vector<const tlm::tlm_extension_base *> came;
    std::size_t places = 0;                           // that its payload has for extensions
    tlm::tlm_gp_option option = tlm::TLM_MIN_PAYLOAD; // that the request came with

    explicit noting_memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_b_transport(this, &noting_memory::b_transport);
        socket.register_nb_transport_fw(this, &noting_memory::nb_transport_fw);
    }

    void b_transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        const smmu::extension_array &extensions = smmu::extensions_of(payload);
        places = extensions.size();
        came.clear();
        for (std::size_t id = 0; id < places; id++)
            came.push_back(extensions[id]);
        option = payload.get_gp_option();
        payload.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
        bytes.perform(payload);
    }
    tlm::tlm_sync_enum nb_transport_fw(int id, tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                                       sc_core::sc_time &delay)
    {
        b_transport(id, payload, delay);
        return tlm::TLM_COMPLETED;
    }
};

// The client's, for one transaction, but for smmu::attributes.
void check_extensions(const smmu::timing &times)
{
    bench b("bench", times, 1, smmu_config_default(), 0, 1);
    noting_memory target("target");
    b.mem_checkers[0].initiator_socket.bind(target.socket);
    b.run([&] {
        mark own;
        transfer with = read_of(bench::data, 8), without = read_of(bench::data, 8);
        with.of_stream(1);
        for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
            if (id != smmu::attributes::ID)
                with.payload.set_extension(id, &own);
        EXPECT_EQ(b.device().send(with), tlm::TLM_OK_RESPONSE);
        for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
            if (id != smmu::attributes::ID) {
                EXPECT_EQ(target.came.at(id), &own) << id;
                with.payload.set_extension(id, nullptr);
            }
        EXPECT_EQ(b.device().send(without), tlm::TLM_OK_RESPONSE);
        for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
            EXPECT_EQ(target.came.at(id) != nullptr, id == smmu::attributes::ID) << id;
    });
}

TEST(extensions_of_clients, go_along_whatever_their_ids_loosely_timed)
{
    check_extensions({});
}

TEST(extensions_of_clients, go_along_whatever_their_ids_approximately_timed)
{
    check_extensions(approximate_times());
}

TEST(extensions_of_clients, are_found_wherever_they_are_among_any_number)
{
    mark own;
    for (std::size_t count = 0; count < 10; count++) {
        std::vector<tlm::tlm_extension_base *> all(count + 1); // one more: not of the number
        for (std::size_t id = 0; id <= count; id++) {
            all[id] = &own;
            EXPECT_EQ(smmu::any_of_few(all.data(), count), id < count) << id << " of " << count;
            all[id] = nullptr;
        }
        EXPECT_FALSE(smmu::any_of_few(all.data(), count));
    }
}

// A type of extension that is registered while the simulation runs, as by a library that is loaded.
struct late : tlm::tlm_extension_base {
    static unsigned registered() { return register_extension(typeid(late)); }
    tlm::tlm_extension_base *clone() const override { return new late; }
    void copy_from(const tlm::tlm_extension_base &) override {}
};

// Payloads made before have no place for it, which clients of those made after need not know.
void check_late_extension(const smmu::timing &times)
{
    bench b("bench", times, 1, smmu_config_default(), 0, 1);
    noting_memory target("target");
    b.mem_checkers[0].initiator_socket.bind(target.socket);
    const auto send = [&b](transfer &t) {
        t.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
    };
    b.run([&] {
        transfer before = read_of(bench::data, 8);
        send(before);
        const unsigned id = late::registered();
        late own;
        transfer with = read_of(bench::data, 8), without = read_of(bench::data, 8);
        with.payload.set_extension(id, &own);
        send(without);
        EXPECT_GT(target.places, id);
        send(with);
        EXPECT_GT(target.places, id);
        EXPECT_EQ(target.came.at(id), &own);
        with.payload.set_extension(id, nullptr);
        send(without);
        EXPECT_EQ(target.came.at(id), nullptr);
        send(before); // which has no place for it
    });
}

TEST(extensions_of_clients, may_be_of_a_type_that_is_registered_later_loosely_timed)
{
    check_late_extension({});
}

TEST(extensions_of_clients, may_be_of_a_type_that_is_registered_later_approximately_timed)
{
    check_late_extension(approximate_times());
}

// What a target has made of it is not for the next one (IEEE 1666 14.8).
void check_option(const smmu::timing &times)
{
    bench b("bench", times, 1, smmu_config_default(), 0, 1);
    noting_memory target("target");
    b.mem_checkers[0].initiator_socket.bind(target.socket);
    stream s(b, 1);
    s.map(at_bench::va, bench::data);
    b.run([&] {
        b.bring_up();
        for (const unsigned length : {8, 8, 8, 8192, 8192}) { // missing, at hand, in pieces
            transfer t = read_of(at_bench::va, length);
            b.device().send(t.of_stream(1));
            EXPECT_EQ(target.option, tlm::TLM_MIN_PAYLOAD) << length;
        }
    });
}

TEST(payload_option, is_the_least_loosely_timed)
{
    check_option({});
}

TEST(payload_option, is_the_least_approximately_timed)
{
    check_option(approximate_times());
}

// Reads downstream go to a memory that marks them.
struct tbu_payloads : testing::Test {
    bench b{"bench", approximate_times(), 1, smmu_config_default(), 0, 1};
    stream s{b, 1};
    marking_memory target{"target"};

    tbu_payloads()
    {
        b.mem_checkers[0].initiator_socket.bind(target.socket);
        s.map(at_bench::va, bench::data);
    }

    void read()
    {
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(1, at_bench::va, value), tlm::TLM_OK_RESPONSE);
    }
};

TEST_F(tbu_payloads, keep_no_extensions_of_targets)
{
    b.run([&] {
        b.bring_up();
        for (unsigned i = 0; i < 4; i++)
            read();
        EXPECT_EQ(target.requests, 4u);
        EXPECT_EQ(target.marked, 0u);
        EXPECT_EQ(mark::alive, 0u);
    });
}

TEST_F(tbu_payloads, are_used_again)
{
    b.run([&] {
        b.bring_up();
        for (unsigned i = 0; i < 4; i++)
            read();
        EXPECT_EQ(target.payloads.size(), 1u);
    });
}

// Of what waits behind a stalled one, and has been translated before an invalidation.
TEST_F(tbu_payloads, are_used_again_if_they_could_not_be_sent)
{
    s.context().s = 1;
    s.publish();
    b.run([&] {
        b.bring_up();
        read();
        sc_core::sc_spawn([this] {
            std::uint64_t value = 0;
            b.device().read64(1, at_bench::va + 0x1000, value);
        });
        sc_core::sc_spawn([this] { read(); });
        sc_core::wait(nanoseconds(1000));
        b.submit(support::tlbi_nh_asid(s.asid()));
        b.submit(support::cmd_stall_term(1));
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(target.requests, 2u);
        EXPECT_EQ(target.payloads.size(), 1u);
    });
}

// Commands that are fetched by the walk port of a TCU.
TEST(walk_payloads, keep_no_extensions_of_targets)
{
    smmu::tcu tcu("tcu", smmu_config_default(), approximate_times());
    initiator cpu("cpu");
    marking_memory target("target");
    edge_counter wires("wires");
    cpu.socket.bind(tcu.prog);
    tcu.walk.bind(target.socket);
    tcu.irq_evtq.bind(wires.wire);
    const auto write = [&cpu](std::uint32_t offset, std::uint64_t value, unsigned size) {
        std::vector<unsigned char> bytes(size);
        std::memcpy(bytes.data(), &value, size);
        transfer t = write_of(offset, bytes);
        EXPECT_EQ(cpu.send(t), tlm::TLM_OK_RESPONSE);
    };
    for (unsigned i = 0; i < 4; i++)
        target.bytes.store_image(bench::cmdq + 16 * i, support::cfgi_all());
    sc_core::sc_spawn([&] {
        write(reg::CMDQ_BASE, bench::cmdq | 4, 8);
        write(reg::CR0, reg::CR0_CMDQEN, 4);
        write(reg::CMDQ_PROD, 4, 4);
    });
    sc_core::sc_start(nanoseconds(1000));
    EXPECT_EQ(target.requests, 4u);
    EXPECT_EQ(target.marked, 0u);
    EXPECT_EQ(mark::alive, 0u);
}

} // namespace

} // namespace tlm_test::test_tbu_payloads
