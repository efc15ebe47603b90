// SPDX-License-Identifier: Apache-2.0
// Substreams (IHI 0070 5.2, S1CDMax and S1DSS; 7.3.7, 7.3.9): which CD, and what is terminated.
#include "core/events_test.hpp"

using namespace support;

namespace test_substreams {
namespace {

class SubstreamEvents : public Events {
  protected:
    SubstreamEvents() : Events(substream_config())
    {
        // Four CDs in a linear table; the stream's own CD is number 2.
        table = dut.frames.allocate(4 * 64, 4 * 64);
        cd first = stream.context();
        first.asid = 9;
        dut.mem.store_image(table + 2 * 64, stream.context().encode());
        dut.mem.store_image(table, first.encode());
        stream.stream().s1contextptr = table;
        stream.stream().s1cdmax = 2;
        publish_ste();
    }

    static smmu_config substream_config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.ssid_bits = 8;
        return cfg;
    }

    void publish_ste()
    {
        dut.set_ste(sid, stream.stream());
        dut.invalidate_all();
    }

    static client_access with_ssid(uint32_t ssid)
    {
        client_access how;
        how.ssv = true;
        how.ssid = ssid;
        return how;
    }

    uint64_t table;
};

TEST_F(SubstreamEvents, SubstreamSelectsItsCd)
{
    expect_forward(dut.translate(sid, va, with_ssid(2)), 0x70000000);
}

TEST_F(SubstreamEvents, FaultRecordsCarryTheSubstream)
{
    expect_abort(dut.translate(sid, 0x4000, with_ssid(2)), F_TRANSLATION);
    event e = stage1_fault(F_TRANSLATION, 0x4000);
    e.ssv = true;
    e.ssid = 2;
    expect_record(e);
}

TEST_F(SubstreamEvents, ConfigurationRecordsCarryTheSubstream)
{
    expect_abort(dut.translate(sid, va, with_ssid(3)), C_BAD_CD);
    event e = configuration_error(C_BAD_CD);
    e.ssv = true;
    e.ssid = 3;
    expect_record(e);
}

TEST_F(SubstreamEvents, BadSubstreamidBeyondTheTable)
{
    expect_abort(dut.translate(sid, va, with_ssid(4)), C_BAD_SUBSTREAMID);
    event e = configuration_error(C_BAD_SUBSTREAMID);
    e.ssid = 4;
    expect_record(e);
}

TEST_F(SubstreamEvents, BadSubstreamidOnABypassStream)
{
    dut.set_ste(6, ste{});
    expect_abort(dut.translate(6, va, with_ssid(1)), C_BAD_SUBSTREAMID);
    event e = configuration_error(C_BAD_SUBSTREAMID);
    e.sid = 6;
    e.ssid = 1;
    expect_record(e);
}

TEST_F(SubstreamEvents, S1dssTerminatesTrafficWithoutSubstream)
{
    expect_abort(dut.translate(sid, va), F_STREAM_DISABLED);
    expect_record(configuration_error(F_STREAM_DISABLED));
}

TEST_F(SubstreamEvents, S1dssBypassesTrafficWithoutSubstream)
{
    stream.stream().s1dss = 0b01;
    publish_ste();
    expect_forward(dut.translate(sid, va), va);
}

TEST_F(SubstreamEvents, S1dssUsesSubstream0)
{
    stream.stream().s1dss = 0b10;
    publish_ste();
    expect_forward(dut.translate(sid, va), 0x70000000);
    expect_abort(dut.translate(sid, va, with_ssid(0)), F_STREAM_DISABLED);
    expect_record(configuration_error(F_STREAM_DISABLED)); // 7.3.7: without SSV and SubstreamID
}

TEST_F(SubstreamEvents, SizeBeyondSsidsizeIsIllegal)
{
    stream.stream().s1cdmax = 9;
    publish_ste();
    expect_abort(dut.translate(sid, va, with_ssid(2)), C_BAD_STE);
}

TEST_F(SubstreamEvents, TwoLevelTablesAreIllegalWithoutCd2l)
{
    smmu_config cfg = substream_config();
    cfg.cd2l = false;
    device_under_test other(cfg);
    other.bring_up();
    for (unsigned s1fmt : {0b01u, 0b10u}) {
        ste entry = stream.stream();
        entry.s1fmt = s1fmt;
        other.set_ste(sid, entry);
        other.invalidate_all();
        expect_abort(other.translate(sid, va, with_ssid(2)), C_BAD_STE);
    }
}

} // namespace
} // namespace test_substreams
