// SPDX-License-Identifier: Apache-2.0
// A TBU between every initiator and every target of the four phases; and its answers, which are
// those of a loosely-timed one.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_partners {

namespace {

// Limits off, and all at one.
smmu::timing limited(unsigned limit)
{
    smmu::timing times = approximate_times();
    for (unsigned smmu::timing::*each : every_limit)
        times.*each = limit;
    return times;
}

class partners
    : public testing::TestWithParam<std::tuple<at_initiator_kind, at_target_kind, unsigned>> {};

TEST_P(partners, get_every_transfer_done_once_with_the_rules_kept_on_all_hops)
{
    const auto &[initiator, target, limit] = GetParam();
    at_bench t(limited(limit), smmu_config_default(), 6, initiator, &target);
    t.run([&] {
        std::vector<at_transfer> transfers;
        for (unsigned i = 0; i < 24; i++) {
            // Of each page four pieces of 64 bytes; some across the end of a page.
            const unsigned page = i / 4;
            const unsigned offset = i % 4 == 3 ? 0xfe0 : 0x100 * (i % 4);
            transfers.push_back(i % 3 == 0 ? at_bench::write(page, offset, 64)
                                           : at_bench::read(page, offset, 64));
            transfers.back().attributes.id = i % 2;
        }
        t.send(transfers);
        for (const at_transfer &each : transfers) {
            EXPECT_EQ(each.status, tlm::TLM_OK_RESPONSE) << std::hex << each.address;
            EXPECT_LE(each.end_req, each.begin_resp);
            const unsigned char *there =
                t.b.memory.host(bench::data + (each.address - at_bench::va));
            if (each.command == tlm::TLM_WRITE_COMMAND) {
                EXPECT_EQ(std::vector<unsigned char>(there, there + 64), each.data);
            }
        }
    });
    EXPECT_EQ(t.dev_checker.in_flight(), 0u);
    EXPECT_EQ(t.b.mem_checkers[0].in_flight(), 0u);
    EXPECT_EQ(t.b.walk_checker.in_flight(), 0u);
}

INSTANTIATE_TEST_SUITE_P(of_a_tbu, partners,
                         testing::Combine(testing::ValuesIn(at_initiator_kinds),
                                          testing::ValuesIn(at_target_kinds),
                                          testing::Values(0u, 1u)),
                         [](const auto &info) {
                             return std::string(std::get<0>(info.param).name) + "_" +
                                    std::get<1>(info.param).name +
                                    (std::get<2>(info.param) ? "_limited" : "");
                         });

TEST(malformed_requests, are_refused_and_others_go_on)
{
    at_bench t(limited(1));
    t.run([&] {
        std::vector<at_transfer> transfers = {at_bench::write(0), at_bench::write(0)};
        transfers[0].attributes.op = SMMU_OP_READ_DESTRUCTIVE;
        t.send(transfers);
        EXPECT_EQ(transfers[0].status, tlm::TLM_COMMAND_ERROR_RESPONSE);
        EXPECT_EQ(transfers[1].status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.b.memory.count(1), 7u); // an STE, a CD, four descriptors, one write
    });
}

// --- the same answers ----------------------------------------------------------------------------

constexpr unsigned accesses = 400;

std::vector<at_transfer> random_transfers(unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<at_transfer> transfers;
    for (unsigned i = 0; i < accesses; i++) {
        const unsigned length = 1 + random() % (i % 16 == 0 ? 6000 : 100);
        const std::uint64_t address = at_bench::va + random() % (16 << 12);
        std::vector<unsigned char> bytes(length);
        for (unsigned char &each : bytes)
            each = static_cast<unsigned char>(random());
        transfers.push_back(random() % 2 ? at_write(address, bytes) : at_read(address, length));
        if (random() % 4 == 0)
            for (unsigned j = 0; j < 1 + random() % 16; j++)
                transfers.back().byte_enables.push_back(random() % 2 ? TLM_BYTE_ENABLED
                                                                     : TLM_BYTE_DISABLED);
        transfers.back().attributes.sid = random() % 5; // 0 and 4 have no Stream table entry
        transfers.back().attributes.priv = random() % 2;
    }
    return transfers;
}

// Streams 1 to 3 see the pages in different ways: all of them, some, and some to read only.
struct three_streams {
    std::vector<std::unique_ptr<stream>> all;

    explicit three_streams(bench &b)
    {
        for (std::uint32_t sid = 1; sid < 4; sid++) {
            all.push_back(std::make_unique<stream>(b, sid, sid));
            for (unsigned page = 0; page < 17; page++) {
                support::leaf_attributes how;
                how.ap = sid == 3 && page % 3 == 0 ? 3 : 1;
                if (sid == 1 || page % sid != 1)
                    all.back()->map(at_bench::va + page * 0x1000,
                                    bench::data + ((page * 7) % 32) * 0x1000, 3, how);
            }
        }
    }
};

TEST(approximately_timed, has_the_answers_data_and_events_of_loosely_timed)
{
    constexpr unsigned seed = 20261129;
    bench loose("loose");
    at_bench tight(limited(1));
    const three_streams there(loose), here(tight.b);
    std::vector<at_transfer> expected = random_transfers(seed), got = expected;
    tight.run([&] {
        loose.bring_up();
        for (at_transfer &each : expected) {
            transfer blocking(each.command, each.address, each.data);
            blocking.extend(each.attributes);
            if (!each.byte_enables.empty())
                blocking.payload.set_byte_enable_ptr(each.byte_enables.data());
            blocking.payload.set_byte_enable_length(
                static_cast<unsigned>(each.byte_enables.size()));
            each.status = loose.device().send(blocking);
            each.data = blocking.data;
        }
        for (at_transfer &each : got) {
            tight.sender.send(each);
            tight.sender.wait_until_idle();
        }
    });
    unsigned done = 0;
    for (unsigned i = 0; i < accesses; i++) {
        EXPECT_EQ(got[i].status, expected[i].status) << i << " of seed " << seed;
        EXPECT_EQ(got[i].data, expected[i].data) << i << " of seed " << seed;
        done += got[i].status == tlm::TLM_OK_RESPONSE;
    }
    EXPECT_GT(done, accesses / 4);
    EXPECT_LT(done, accesses);
    EXPECT_EQ(tight.b.smmu.stats().events, loose.smmu.stats().events);
    EXPECT_EQ(tight.b.smmu.stats().ttd_fetches, loose.smmu.stats().ttd_fetches);
    const unsigned char *ours = tight.b.memory.host(bench::data);
    const unsigned char *theirs = loose.memory.host(bench::data);
    EXPECT_TRUE(std::equal(ours, ours + (64 << 12), theirs)) << "seed " << seed;
}

} // namespace

} // namespace tlm_test::test_tbu_partners
