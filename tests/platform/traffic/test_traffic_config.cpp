// SPDX-License-Identifier: Apache-2.0
// Which configurations the traffic generator refuses, and what it says.
#include <cstring>

#include "traffic_bench.hpp"

namespace test_traffic_config {
namespace {

class traffic_configs : public traffic_bench {
  protected:
    traffic_configs()
    {
        config.sids = sids.data();
        config.sid_count = sids.size();
    }

    void expect_refusal(const char *field, const char *reason)
    {
        traffic_error error = {};
        EXPECT_FALSE(traffic_config_check(&config, &error));
        EXPECT_STREQ(error.field, field);
        EXPECT_STREQ(error.reason, reason);
        const traffic_ops none = {};
        EXPECT_EQ(traffic_create(&config, &none), nullptr);
    }
};

TEST_F(traffic_configs, DefaultNeedsAWindowAndAStream)
{
    traffic_error error = {};
    EXPECT_TRUE(traffic_config_check(&config, &error)) << error.reason;
    config.sid_count = 0;
    expect_refusal("sids", "there is no StreamID");
    config = traffic_config_default();
    config.sids = sids.data();
    config.sid_count = 1;
    expect_refusal("window_bytes", "must be a multiple of access_bytes, and not 0");
}

TEST_F(traffic_configs, NumbersHaveTheirRange)
{
    config.access_bytes = 0;
    expect_refusal("access_bytes", "must be 1 to 4096");
    config.access_bytes = 4097;
    expect_refusal("access_bytes", "must be 1 to 4096");
    config.access_bytes = 64;
    config.outstanding = 513;
    expect_refusal("outstanding", "must be 1 to 512");
}

TEST_F(traffic_configs, WindowIsOfWholeAccessesAndEndsBeforeTheAddressSpace)
{
    config.window_bytes = 100;
    expect_refusal("window_bytes", "must be a multiple of access_bytes, and not 0");
    config.window_bytes = 128;
    config.window_base = UINT64_MAX - 126;
    expect_refusal("window_bytes", "reaches past the last address");
}

TEST_F(traffic_configs, StrideIsOfWholeAccesses)
{
    config.pattern = TRAFFIC_STRIDED;
    expect_refusal("stride_bytes", "must be a multiple of access_bytes, and not 0");
    config.stride_bytes = 65;
    expect_refusal("stride_bytes", "must be a multiple of access_bytes, and not 0");
}

TEST_F(traffic_configs, ChaseReadsAddresses)
{
    config.pattern = TRAFFIC_CHASE;
    config.access_bytes = 4;
    expect_refusal("access_bytes", "must be 8 or more: each access reads an address");
    config.access_bytes = 8;
    config.write_percent = 1;
    expect_refusal("write_percent", "must be 0: each access reads an address");
}

TEST_F(traffic_configs, ScatterHasPiecesOrMakesThemUp)
{
    config.pattern = TRAFFIC_SCATTER;
    expect_refusal("scatter_pieces", "must not be 0 where no pieces are listed");
    config.scatter_pieces = 1;
    expect_refusal("scatter_bytes", "must not be 0, and not more than window_bytes");
    config.scatter_bytes = config.window_bytes + 64;
    expect_refusal("scatter_bytes", "must not be 0, and not more than window_bytes");
    config.scatter_bytes = 64;
    const traffic_piece one = {0, 64};
    config.pieces = &one;
    config.piece_count = 1;
    expect_refusal("scatter_pieces", "must be 0 where pieces are listed or not wanted");
}

TEST_F(traffic_configs, PiecesAreNotEmptyAndEndBeforeTheAddressSpace)
{
    traffic_piece piece = {0, 0};
    config.pattern = TRAFFIC_SCATTER;
    config.pieces = &piece;
    config.piece_count = 1;
    expect_refusal("pieces", "one is empty, or reaches past the last address");
    piece = {UINT64_MAX - 62, 64};
    expect_refusal("pieces", "one is empty, or reaches past the last address");
}

TEST_F(traffic_configs, RecordsAreNeitherEmptyNorTooLongNorOutOfOrder)
{
    traffic_record two[2] = {{5, 0, 4, false, 0, 0}, {4, 0, 4, false, 0, 0}};
    config.pattern = TRAFFIC_REPLAY;
    config.records = two;
    config.record_count = 2;
    expect_refusal("records", "one is empty, too long, or earlier than that before");
    two[1] = {5, 0, 4097, false, 0, 0};
    expect_refusal("records", "one is empty, too long, or earlier than that before");
    two[1] = {5, 0, 0, false, 0, 0};
    expect_refusal("records", "one is empty, too long, or earlier than that before");
}

TEST_F(traffic_configs, ListsAreForTheirPatterns)
{
    const traffic_piece piece = {0, 64};
    const traffic_record record = {0, 0, 4, false, 0, 0};
    config.pieces = &piece;
    config.piece_count = 1;
    expect_refusal("pieces", "are for the pattern scatter");
    config.piece_count = 0;
    config.records = &record;
    config.record_count = 1;
    expect_refusal("records", "are for the pattern replay");
    config.record_count = 0;
    config.pattern = TRAFFIC_REPLAY;
    expect_refusal("records", "there are none to replay");
}

TEST_F(traffic_configs, ArrivalsWantAnIntervalOrATrace)
{
    config.arrival = TRAFFIC_POISSON;
    expect_refusal("interval_ps", "must not be 0");
    config.arrival = TRAFFIC_INTERVAL;
    expect_refusal("interval_ps", "must not be 0");
    config.arrival = TRAFFIC_RECORDED;
    expect_refusal("arrival", "needs a trace: only the pattern replay has recorded times");
}

TEST_F(traffic_configs, StreamsAndSubstreamsHaveTheirWidth)
{
    sids = {0xffffffff};
    config.sids = sids.data();
    config.streams = 2;
    expect_refusal("streams", "a StreamID has more than 32 bits");
    config.streams = 1;
    config.ssid_first = 0xfffff;
    config.ssid_count = 2;
    expect_refusal("ssid_count", "a SubstreamID has more than 20 bits");
}

} // namespace
} // namespace test_traffic_config
