// SPDX-License-Identifier: Apache-2.0
// Building SMMUs: several at a time, other bus widths, open wires, and what cannot be built.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bench.hpp"
#include "error_log.hpp"

namespace tlm_test::test_construction {

namespace {

constexpr std::uint64_t va = 0x1'2345'6000;

TEST(construction, two_smmus_share_nothing)
{
    bench one("one");
    bench two("two");
    stream first(one, 3);
    stream second(two, 3);
    first.map(va, bench::data);
    second.map(va, bench::data + 0x5000);
    one.memory.store64(bench::data, 1);
    two.memory.store64(bench::data + 0x5000, 2);
    one.run([&] {
        one.bring_up();
        EXPECT_EQ(two.read32(reg::CR0), 0u);
        two.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(one.device().read64(3, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 1u);
        EXPECT_EQ(two.smmu.stats().translations, 0u);
        EXPECT_EQ(two.device().read64(3, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 2u);
    });
}

TEST(construction, ports_of_one_smmu_share_its_streams)
{
    bench b("b", {}, 2);
    stream s(b, 3);
    s.map(va, bench::data);
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(b.devices[0].write64(3, va, 9), tlm::TLM_OK_RESPONSE);
        std::uint64_t value = 0;
        EXPECT_EQ(b.devices[1].read64(3, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 9u);
        EXPECT_EQ(b.smmu.stats().ste_fetches, 1u);
    });
}

// Something to bind to sockets of any width.
template <unsigned BUSWIDTH> struct stub : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<stub, BUSWIDTH> cpu{"cpu"};
    tlm_utils::simple_initiator_socket<stub, BUSWIDTH> device{"device"};
    tlm_utils::simple_target_socket<stub, BUSWIDTH> tables{"tables"};
    tlm_utils::simple_target_socket<stub, BUSWIDTH> memory{"memory"};
    std::uint64_t seen = 0;

    explicit stub(const sc_core::sc_module_name &name) : sc_module(name)
    {
        tables.register_b_transport(this, &stub::receive);
        memory.register_b_transport(this, &stub::receive);
    }

    void receive(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        seen = payload.get_address();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

TEST(construction, an_smmu_on_a_128_bit_bus_with_open_wires_works)
{
    smmu::basic_smmuv3<128> smmu("smmu");
    stub<128> s("stub");
    s.cpu.bind(smmu.prog());
    s.device.bind(smmu.dev());
    smmu.walk().bind(s.tables);
    smmu.mem().bind(s.memory);
    sc_core::sc_spawn([&] {
        transfer t = write_of(0x1234'5670, std::vector<unsigned char>(16));
        sc_core::sc_time delay;
        s.device->b_transport(t.payload, delay);
        EXPECT_EQ(t.payload.get_response_status(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(s.seen, 0x1234'5670u);
        transfer id = read_of(reg::IDR0, 4);
        s.cpu->b_transport(id.payload, delay);
        EXPECT_EQ(id.payload.get_response_status(), tlm::TLM_OK_RESPONSE);
    });
    sc_core::sc_start();
}

// Ports that nobody uses, as where a platform has fewer devices than the SMMU, and a device without
// memory behind it.
TEST(construction, an_smmu_with_open_device_ports_works)
{
    smmu::smmuv3 smmu("smmu", smmu_config_default(), {}, 3);
    stub<32> s("stub");
    initiator lost("lost");
    s.cpu.bind(smmu.prog());
    smmu.walk().bind(s.tables);
    s.device.bind(smmu.dev(1));
    smmu.mem(1).bind(s.memory);
    lost.socket.bind(smmu.dev(2));
    sc_core::sc_spawn([&] {
        transfer t = write_of(0x1234'5670, std::vector<unsigned char>(16));
        sc_core::sc_time delay;
        s.device->b_transport(t.payload, delay);
        EXPECT_EQ(t.payload.get_response_status(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(s.seen, 0x1234'5670u);

        transfer nowhere = read_of(0x1234'5670, 16);
        tlm::tlm_dmi dmi;
        EXPECT_EQ(lost.send(nowhere), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(lost.debug(nowhere), 0u);
        EXPECT_FALSE(lost.dmi(nowhere, dmi));
    });
    sc_core::sc_start();
}

// A module around an SMMU hands its sockets on.
struct subsystem : sc_core::sc_module {
    tlm::tlm_target_socket<32> dev{"dev"}, prog{"prog"};
    tlm::tlm_initiator_socket<32> mem{"mem"}, walk{"walk"};
    smmu::smmuv3 smmu{"smmu", smmu_config_default(), {}, 1, {}, {2}};

    explicit subsystem(const sc_core::sc_module_name &name) : sc_module(name)
    {
        dev.bind(smmu.dev(0, 1));
        prog.bind(smmu.prog());
        smmu.mem().bind(mem);
        smmu.walk().bind(walk);
    }
};

TEST(construction, sockets_can_be_handed_on)
{
    subsystem sub("sub");
    stub<32> s("stub");
    s.cpu.bind(sub.prog);
    s.device.bind(sub.dev);
    sub.mem.bind(s.memory);
    sub.walk.bind(s.tables);
    sc_core::sc_spawn([&] {
        transfer t = write_of(0x1234'5670, std::vector<unsigned char>(4));
        sc_core::sc_time delay;
        s.device->b_transport(t.payload, delay);
        EXPECT_EQ(t.payload.get_response_status(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(s.seen, 0x1234'5670u);
    });
    sc_core::sc_start();
}

// The id of the error that `call` ends with.
std::string error_of(const std::function<void()> &call)
{
    try {
        call();
    } catch (const sc_core::sc_report &error) {
        return error.get_msg_type();
    }
    return "";
}

std::string reason_against(const smmu_config &cfg, unsigned tbus)
{
    try {
        smmu::smmuv3 smmu("smmu", cfg, {}, tbus);
    } catch (const sc_core::sc_report &error) {
        EXPECT_STREQ(error.get_msg_type(), "/smmu/config/refused");
        return error.get_msg();
    }
    return "";
}

TEST(construction, a_bad_configuration_is_named_with_the_instance)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 47;
    EXPECT_EQ(reason_against(cfg, 1),
              "smmu.tcu: oas_bits: must be 32, 36, 40, 42, 44, 48, 52 or 56");
}

TEST(construction, an_smmu_has_1_to_64_device_ports)
{
    for (unsigned tbus : {0u, 65u, 257u})
        EXPECT_EQ(reason_against(smmu_config_default(), tbus), "smmu.tcu: tbus: must be 1 to 64");
}

TEST(construction, a_tcu_serves_as_many_tbus_as_configured)
{
    smmu::tcu tcu("tcu");
    smmu::tbu first("first", tcu);
    EXPECT_EQ(error_of([&] { smmu::tbu("second", tcu); }), "/smmu/tcu/tbus");
}

TEST(construction, a_device_port_that_is_not_there_is_an_error)
{
    smmu::smmuv3 smmu("smmu", smmu_config_default(), {}, 2);
    EXPECT_EQ(error_of([&] { smmu.dev(2); }), "/smmu/smmuv3/port");
    EXPECT_EQ(error_of([&] { smmu.mem(2); }), "/smmu/smmuv3/port");
    EXPECT_EQ(error_of([&] { smmu.dev(1, 1); }), "/smmu/smmuv3/port");
    EXPECT_EQ(error_of([&] { smmu.allow_dmi(false, 2); }), "/smmu/smmuv3/port");
    EXPECT_EQ(error_of([&] { smmu.ats(2); }), "/smmu/smmuv3/port");
    EXPECT_EQ(error_of([&] { smmu.dev(1); }), "");
}

// There is nothing to go on with.
TEST(construction, what_cannot_be_built_is_not_where_errors_are_only_logged)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 47;
    error_log errors;
    EXPECT_THROW(smmu::smmuv3("smmu", cfg), std::invalid_argument);
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/config/refused"});
    ASSERT_EQ(errors.texts.size(), 1u);
    EXPECT_EQ(errors.texts[0], "smmu.tcu: oas_bits: must be 32, 36, 40, 42, 44, 48, 52 or 56");
}

TEST(attributes, are_copied_whole)
{
    smmu::attributes original;
    original.sid = 0x1234'5678;
    original.ssid = 0xabcde;
    original.ssv = true;
    original.sec = SMMU_SEC_REALM;
    original.pas = SMMU_PAS_ROOT;
    original.instr = true;
    original.priv = true;
    original.memattr = {0x44, SMMU_SH_OUTER};
    original.wrap_beat = 8;
    original.wrap_first = 24;
    smmu::compare_and_swap swap;
    original.swap = &swap;

    tlm::tlm_generic_payload from;
    tlm::tlm_generic_payload to;
    from.set_extension(&original);
    to.deep_copy_from(from); // clones
    from.clear_extension(&original);
    const smmu::attributes *copy = to.get_extension<smmu::attributes>();
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->sid, original.sid);
    EXPECT_EQ(copy->ssid, original.ssid);
    EXPECT_EQ(copy->ssv, original.ssv);
    EXPECT_EQ(copy->sec, original.sec);
    EXPECT_EQ(copy->pas, original.pas);
    EXPECT_EQ(copy->instr, original.instr);
    EXPECT_EQ(copy->priv, original.priv);
    EXPECT_EQ(copy->memattr.mair, original.memattr.mair);
    EXPECT_EQ(copy->memattr.sh, original.memattr.sh);
    EXPECT_EQ(copy->wrap_beat, original.wrap_beat);
    EXPECT_EQ(copy->wrap_first, original.wrap_first);
    EXPECT_EQ(copy->swap, &swap);
}

} // namespace

} // namespace tlm_test::test_construction
