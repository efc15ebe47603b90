// SPDX-License-Identifier: Apache-2.0
// smmu::pins::axi_to_tlm_stepped with axi_values, of which it looks at less than of pins of any
// kind, does what it does with those.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tlm_utils/passthrough_target_socket.h>

#include "buses.hpp"
#include "smmu/pins/axi_request.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/tlm/at_target.hpp"
#include "smmu/tlm/attributes.hpp"
#include "support/random.hpp"

namespace pins_test::test_axi_to_tlm_stepped {

namespace {

using namespace smmu::pins;

constexpr axi_channel channels[] = {axi_channel::AW, axi_channel::W, axi_channel::B,
                                    axi_channel::AR, axi_channel::R};

std::string text_of(const tlm::tlm_generic_payload &payload)
{
    std::string text;
    const auto add = [&text](std::uint64_t value) { text += std::to_string(value) + " "; };
    add(payload.get_command());
    add(payload.get_address());
    add(payload.get_data_length());
    add(payload.get_streaming_width());
    for (unsigned i = 0; payload.is_write() && i < payload.get_data_length(); i++)
        add(payload.get_data_ptr()[i]);
    for (unsigned i = 0; i < payload.get_byte_enable_length(); i++)
        add(payload.get_byte_enable_ptr()[i]);
    const smmu::attributes it = smmu::attributes::of(payload);
    for (const std::uint64_t each : {std::uint64_t{it.sid},
                                     std::uint64_t{it.ssid},
                                     std::uint64_t{it.ssv},
                                     std::uint64_t{it.sec},
                                     std::uint64_t{it.pas},
                                     std::uint64_t{it.id},
                                     std::uint64_t{it.qos},
                                     std::uint64_t{it.instr},
                                     std::uint64_t{it.priv},
                                     std::uint64_t{it.translated},
                                     std::uint64_t{it.op},
                                     std::uint64_t{it.wrap_beat},
                                     std::uint64_t{it.wrap_first},
                                     std::uint64_t{it.memattr.mair},
                                     std::uint64_t{it.memattr.sh},
                                     std::uint64_t{it.mpam.partid},
                                     std::uint64_t{it.mpam.pmg},
                                     std::uint64_t{it.mpam.space},
                                     std::uint64_t{it.pbha},
                                     std::uint64_t{it.exclusive != nullptr},
                                     std::uint64_t{it.atomic != nullptr}})
        add(each);
    return text;
}

bool is_atomic(const tlm::tlm_generic_payload &payload)
{
    return smmu::attributes::of(payload).atomic != nullptr;
}

// Accepts and answers when it likes, and notes what has come.
class fickle_target : public sc_core::sc_module, private smmu::at_target::user {
  public:
    tlm_utils::passthrough_target_socket<fickle_target> socket{"socket"};

    fickle_target(const sc_core::sc_module_name &name, std::uint64_t seed)
        : sc_module(name), chance_(seed),
          side_("side", *this,
                [this]() -> tlm::tlm_bw_transport_if<> & { return *socket.operator->(); })
    {
        socket.register_nb_transport_fw(this, &fickle_target::nb_transport_fw);
    }

    // Between edges.
    void go_on()
    {
        if (unaccepted_ && chance_.coin())
            side_.accept(*std::exchange(unaccepted_, nullptr));
        while (!pending_.empty() && chance_.one_in(3))
            answer(static_cast<std::size_t>(chance_.below(pending_.size())));
    }

    std::vector<std::string> log;

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return side_.nb_transport_fw(payload, phase, delay);
    }

    void request_arrived(tlm::tlm_generic_payload &payload) override
    {
        log.push_back(text_of(payload));
        for (unsigned i = 0; i < payload.get_byte_enable_length() && !is_atomic(payload); i++)
            if (payload.get_byte_enable_ptr()[i] == TLM_BYTE_DISABLED) {
                EXPECT_EQ(payload.get_data_ptr()[i], 0);
            }
        pending_.push_back(&payload);
        if (chance_.coin())
            answer(pending_.size() - 1);
        else if (chance_.coin())
            side_.accept(payload);
        else
            unaccepted_ = &payload;
    }

    void answer(std::size_t number)
    {
        tlm::tlm_generic_payload &payload = *pending_[number];
        pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(number));
        if (unaccepted_ == &payload)
            unaccepted_ = nullptr;
        for (unsigned i = 0; payload.is_read() && i < payload.get_data_length(); i++)
            payload.get_data_ptr()[i] = static_cast<unsigned char>(chance_.bits(8));
        payload.set_response_status(chance_.one_in(8) ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                      : tlm::TLM_OK_RESPONSE);
        side_.respond(payload);
    }

    support::random_source chance_;
    smmu::at_target side_;
    std::vector<tlm::tlm_generic_payload *> pending_;
    tlm::tlm_generic_payload *unaccepted_ = nullptr;
};

template <unsigned WIDTH> struct bus_of : full_bus {
    static constexpr unsigned data_width = WIDTH;
};

// A bridge, its pins and its target.
template <class C> struct side {
    explicit side(const char *name) : bridge(name), target((std::string(name) + "_").c_str(), 1)
    {
        bridge.socket.bind(target.socket);
    }

    axi_to_tlm_stepped<C> bridge;
    fickle_target target;
    axi_values pins = axi_values::of<C>();
};

axi_request simple(bool write)
{
    axi_request request = {};
    request.write = write;
    request.burst = AXI_BURST_INCR;
    request.cache = 0xf;
    request.mmuvalid = true;
    request.prot = 2;
    return request;
}

// A manager that breaks a rule now and then. What it does depends on READY of the first side; it
// does the same to both.
template <class C> class random_manager {
    static constexpr unsigned bus_bytes = C::data_width / 8;

  public:
    explicit random_manager(std::uint64_t seed) : chance_(seed) {}

    side<C> fast{"fast"};
    side<C> plain{"plain"};
    unsigned beats[axi_channels] = {}; // that have been transferred

    void cycle()
    {
        sc_core::sc_start(1, sc_core::SC_NS);
        fast.target.go_on();
        plain.target.go_on();
        change_pace();
        const bool reset = chance_.one_in(600);
        drive(reset);
        const axi_pins &of_any_kind = plain.pins;
        const bool quiet = fast.bridge.is_quiet(fast.pins);
        ASSERT_EQ(quiet, plain.bridge.is_quiet(of_any_kind));
        const std::size_t sent = fast.target.log.size();
        note_transfers(reset);
        fast.bridge.edge(fast.pins, reset ? pin_level::low : pin_level::high);
        plain.bridge.edge(static_cast<axi_pins &>(plain.pins),
                          reset ? pin_level::low : pin_level::high);
        if (quiet && !reset) {
            EXPECT_EQ(fast.target.log.size(), sent);
        }
        compare();
    }

  private:
    void compare()
    {
        for (const axi_side each : {axi_side::manager, axi_side::subordinate})
            ASSERT_EQ(fast.pins.levels(each), plain.pins.levels(each));
        for (const axi_channel channel : {axi_channel::B, axi_channel::R})
            for (unsigned i = 0; i < static_cast<unsigned>(axi_signal::count); i++)
                if (const auto signal = static_cast<axi_signal>(i);
                    row_of(signal).channel == channel && fast.pins.is_valid(channel)) {
                    ASSERT_TRUE(fast.pins.beat(channel).same(signal, plain.pins.beat(channel)))
                        << row_of(signal).name;
                }
        ASSERT_TRUE(fast.target.log == plain.target.log);
        ASSERT_EQ(fast.bridge.in_flight(), plain.bridge.in_flight());
        ASSERT_EQ(fast.bridge.pending(), plain.bridge.pending());
        if (fast.target.log.size() > 100) {
            fast.target.log.clear();
            plain.target.log.clear();
        }
    }

    void change_pace()
    {
        if (chance_.one_in(300)) {
            const axi_outstanding limits = {static_cast<unsigned>(chance_.between(1, 6)),
                                            static_cast<unsigned>(chance_.between(1, 6))};
            fast.bridge.set_outstanding(limits);
            plain.bridge.set_outstanding(limits);
        }
        if (chance_.one_in(100)) {
            const std::uint64_t seed = chance_.bits(32);
            const bool slow = chance_.one_in(4);
            for (side<C> *each : {&fast, &plain}) {
                const auto pace = std::make_shared<support::random_source>(seed);
                each->bridge.set_throttle(
                    slow ? axi_throttle([pace](axi_channel) { return !pace->one_in(3); })
                         : axi_throttle());
            }
        }
    }

    void put(axi_channel channel, const axi_beat &beat)
    {
        for (side<C> *each : {&fast, &plain}) {
            each->pins.drive(channel, beat);
            each->pins.drive_valid(channel, true);
        }
    }

    void drive(bool reset)
    {
        for (const axi_channel channel : channels) {
            const bool receives = channel == axi_channel::B || channel == axi_channel::R;
            const bool ready = receives && !chance_.one_in(6);
            for (side<C> *each : {&fast, &plain})
                if (receives)
                    each->pins.drive_ready(channel, ready);
                else if (reset || taken_ & set_of(channel))
                    each->pins.drive_valid(channel, false);
        }
        if (reset) {
            writes_.clear();
            return;
        }
        if (!fast.pins.is_valid(axi_channel::AW) && chance_.one_in(4))
            put(axi_channel::AW, beat_of(write_ = next(write_)));
        if (!fast.pins.is_valid(axi_channel::AR) && chance_.one_in(4))
            put(axi_channel::AR, beat_of(read_ = next(read_)));
        if (!fast.pins.is_valid(axi_channel::W) && !writes_.empty() && !chance_.one_in(6))
            put_data();
    }

    void put_data()
    {
        axi_beat beat;
        for (unsigned lane = 0; lane < bus_bytes; lane++)
            beat.set_byte(axi_signal::WDATA, lane, static_cast<unsigned char>(chance_.bits(8)));
        const std::uint64_t all = axi_all_lanes(bus_bytes);
        beat.set(axi_signal::WSTRB, chance_.one_in(20) ? chance_.bits(bus_bytes) : all);
        beat.set(axi_signal::WLAST, (writes_.front() == 1) != chance_.one_in(100));
        put(axi_channel::W, beat);
    }

    // What the edge transfers.
    void note_transfers(bool reset)
    {
        taken_ = reset ? 0 : fast.pins.transfers();
        for (const axi_channel channel : channels)
            beats[static_cast<std::size_t>(channel)] += taken_ & set_of(channel) ? 1 : 0;
        if (taken_ & set_of(axi_channel::W) &&
            (--writes_.front() == 0 || fast.pins.beat(axi_channel::W).get(axi_signal::WLAST)))
            writes_.pop_front();
        if (taken_ & set_of(axi_channel::AW) && has_data(write_))
            writes_.push_back(write_.transfers());
    }

    static bool has_data(const axi_request &request)
    {
        const axi_opcode opcode = opcode_of(request, C::domains);
        return opcode == axi_opcode::reserved || row_of(opcode).data;
    }

    // Mostly one that is like the one before.
    axi_request next(axi_request last)
    {
        if (chance_.one_in(4)) {
            last = simple(last.write);
            last.size = static_cast<unsigned>(chance_.one_in(3) ? chance_.below(5)
                                                                : axi_size_of(bus_bytes));
            last.len = static_cast<unsigned>(chance_.coin() ? chance_.below(16) : 7);
            last.burst = chance_.one_in(4) ? static_cast<unsigned>(chance_.below(3)) : last.burst;
            last.lock = chance_.one_in(20);
            last.atop = last.write && chance_.one_in(12) ? 0x20 + chance_.below(18) : 0;
            last.mmusid = static_cast<std::uint32_t>(chance_.below(4));
            last.snoop = chance_.one_in(12) ? static_cast<unsigned>(chance_.below(13)) : 0;
            last.mmuvalid = !chance_.one_in(20);
        }
        last.id = static_cast<std::uint32_t>(chance_.below(4));
        last.addr =
            chance_.bits(20) << 12 |
            (chance_.one_in(6) ? 0x1000 - 8 * chance_.between(1, 8) : 64 * chance_.below(32)) |
            (chance_.one_in(8) ? chance_.below(8) : 0);
        return last;
    }

    support::random_source chance_;
    axi_request write_ = simple(true);
    axi_request read_ = simple(false);
    std::deque<unsigned> writes_; // beats that are to come
    axi_channel_set taken_ = 0;
};

template <class C> void run(std::uint64_t seed)
{
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    random_manager<C> manager(seed);
    for (unsigned i = 0; i < 30'000 && !testing::Test::HasFailure(); i++)
        manager.cycle();
    for (const axi_channel channel : {axi_channel::B, axi_channel::AW, axi_channel::AR})
        EXPECT_GT(manager.beats[static_cast<std::size_t>(channel)], 700u) << name_of(channel);
    for (const axi_channel channel : {axi_channel::W, axi_channel::R})
        EXPECT_GT(manager.beats[static_cast<std::size_t>(channel)], 5000u) << name_of(channel);
}

TEST(axi_to_tlm_stepped, does_the_same_with_values_as_with_other_pins_of_64_bits)
{
    run<full_bus>(1);
}

TEST(axi_to_tlm_stepped, does_the_same_with_values_as_with_other_pins_of_128_bits)
{
    run<bus_of<128>>(2);
}

// Narrower than what is copied as words.
TEST(axi_to_tlm_stepped, does_the_same_with_values_as_with_other_pins_of_32_bits)
{
    run<bus_of<32>>(3);
}

// What becomes of a request: what TLM is asked for, or the response.
struct outcome {
    std::vector<std::string> sent;
    unsigned response = 0;

    bool operator==(const outcome &other) const
    {
        return sent == other.sent && response == other.response;
    }
};

class reading {
  public:
    explicit reading(const std::string &name) : side_(name.c_str()) {}

    outcome read(const axi_request &request)
    {
        side_.target.log.clear();
        edge();
        side_.pins.drive(axi_channel::AR, beat_of(request));
        side_.pins.drive_valid(axi_channel::AR, true);
        edge();
        side_.pins.drive_valid(axi_channel::AR, false);
        side_.pins.drive_ready(axi_channel::R, true);
        while (!side_.pins.is_valid(axi_channel::R))
            edge();
        outcome result = {side_.target.log, 0};
        const bool refused = result.sent.empty();
        result.response =
            refused ? static_cast<unsigned>(side_.pins.beat(axi_channel::R).get(axi_signal::RRESP))
                    : 0;
        while (side_.bridge.in_flight())
            edge();
        return result;
    }

  private:
    void edge()
    {
        sc_core::sc_start(1, sc_core::SC_NS);
        side_.target.go_on();
        side_.bridge.edge(side_.pins, pin_level::high);
    }

    side<full_bus> side_;
};

axi_request with(void (*change)(axi_request &))
{
    axi_request request = simple(false);
    request.addr = 0x1040;
    request.size = 3;
    request.len = 7;
    change(request);
    return request;
}

// Each request is taken as if there had been none like it before.
TEST(axi_to_tlm_stepped, takes_a_request_for_itself)
{
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    const std::vector<axi_request> requests = {
        with([](axi_request &it) { it.addr = 0x2000; }),
        with([](axi_request &it) { it.id = 5; }),
        with([](axi_request &it) { it.addr = 0x1fc8; }), // crosses 4 KiB
        with([](axi_request &it) { it.addr = 0x1044; }),
        with([](axi_request &it) { it.len = 3; }),
        with([](axi_request &it) { it.size = 2; }),
        with([](axi_request &it) { it.burst = AXI_BURST_WRAP; }),
        with([](axi_request &it) { it.lock = true; }),
        with([](axi_request &it) { it.cache = 3, it.domain = AXI_DOMAIN_SYSTEM; }),
        with([](axi_request &it) { it.prot = 3; }),
        with([](axi_request &it) { it.nse = true; }),
        with([](axi_request &it) { it.qos = 9; }),
        with([](axi_request &it) { it.domain = AXI_DOMAIN_INNER; }),
        with([](axi_request &it) { it.domain = AXI_DOMAIN_INNER, it.snoop = 4; }),
        with([](axi_request &it) { it.snoop = 15; }), // reserved
        with([](axi_request &it) { it.mmuvalid = false; }),
        with([](axi_request &it) { it.mmusecsid = AXI_SECSID_S; }),
        with([](axi_request &it) { it.mmusid = 77; }),
        with([](axi_request &it) { it.mmussidv = true; }),
        with([](axi_request &it) { it.mmussid = 3; }), // without AxMMUSSIDV
        with([](axi_request &it) { it.mmuflow = AXI_FLOW_ATST; }),
        with([](axi_request &it) { it.pbha = 6; }),
        with([](axi_request &it) { it.mpam = 0x6; }),
    };
    reading one("one");
    std::deque<reading> fresh;
    for (std::size_t i = 0; i < requests.size(); i++)
        fresh.emplace_back("fresh" + std::to_string(i));
    const axi_request usual = with([](axi_request &) {});
    for (std::size_t i = 0; i < requests.size(); i++) {
        EXPECT_EQ(one.read(usual).sent.size(), 1u);
        EXPECT_TRUE(one.read(requests[i]) == fresh[i].read(requests[i])) << i;
    }
}

} // namespace

} // namespace pins_test::test_axi_to_tlm_stepped
