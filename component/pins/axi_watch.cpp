// SPDX-License-Identifier: Apache-2.0
// The channels of an AXI bus: see axi_watch.hpp.
#include "axi_watch.hpp"

#include "smmu/pins/axi_values.hpp"

namespace smmu::pins {

namespace {

struct rule_row {
    const char *id;
    const char *clause;
    const char *message;
};

constexpr rule_row rules[] = {
#define SMMU_AXI_RULE(name, clause, message) {"/smmu/pins/axi/" #name, clause, message},
#include "smmu/pins/axi_rules.def"
#undef SMMU_AXI_RULE
};

// Responses before requests and data: see axi_transactions.
constexpr axi_channel order[] = {axi_channel::B, axi_channel::R, axi_channel::AW, axi_channel::AR,
                                 axi_channel::W};

template <class Do> void for_each_signal(axi_channel channel, Do &&act)
{
    for (std::size_t i = 0; i < static_cast<std::size_t>(axi_signal::count); i++) {
        const axi_signal signal = static_cast<axi_signal>(i);
        if (row_of(signal).channel == channel)
            act(signal);
    }
}

// Data are known where a strobe or a transfer says that they count.
bool written_data_unknown(const axi_beat &beat, unsigned lanes)
{
    for (unsigned lane = 0; lane < lanes; lane++)
        if (beat.get(axi_signal::WSTRB) >> lane & 1 && beat.is_unknown(axi_signal::WDATA, lane))
            return true;
    return false;
}

} // namespace

axi_watch::axi_watch(const sc_core::sc_object &owner, const axi_shape &shape)
    : owner_(owner), shape_(shape),
      transactions_(
          shape, [this](axi_rule broken, const std::string &signal) { complain(broken, signal); })
{
}

axi_watch::channel_state &axi_watch::state(axi_channel channel)
{
    return states_[static_cast<std::size_t>(channel)];
}

template <class PINS> void axi_watch::edge(const PINS &pins, pin_level aresetn)
{
    cycles_++;
    if (aresetn == pin_level::unknown && !reset_unknown_)
        complain(axi_rule::reset_unknown, "ARESETn");
    reset_unknown_ = aresetn == pin_level::unknown;
    if (aresetn != pin_level::high) {
        in_reset(pins);
        return;
    }
    if (reset_)
        check_valid_low(pins);
    reset_ = false;
    watch_all(pins);
    if (limits_.response && cycles_ >= limits_.response)
        transactions_.check_ages(cycles_ - limits_.response);
}

void axi_watch::watch_all(const axi_pins &pins)
{
    for (const axi_channel channel : order)
        watch(channel, pins, pins.valid(channel), pins.ready(channel));
}

// Of values, whose levels are known: where nothing is shown nothing can be wrong.
void axi_watch::watch_all(const axi_values &pins)
{
    const axi_channel_set valid = pins.valids();
    const axi_channel_set ready = pins.readys();
    const auto level = [](axi_channel_set of) { return of ? pin_level::high : pin_level::low; };
    for (const axi_channel channel : order) {
        const channel_state &before = states_[static_cast<std::size_t>(channel)];
        if (valid & set_of(channel) || before.held || before.unknown)
            watch(channel, pins, level(valid & set_of(channel)), level(ready & set_of(channel)));
    }
}

void axi_watch::in_reset(const axi_pins &pins)
{
    if (reset_)
        check_valid_low(pins);
    reset_ = true;
    states_ = {};
    transactions_.reset();
}

void axi_watch::check_valid_low(const axi_pins &pins)
{
    for (const axi_channel channel : order)
        if (pins.valid(channel) == pin_level::high)
            complain(axi_rule::valid_in_reset, std::string(name_of(channel)) + "VALID");
}

template <class PINS>
void axi_watch::watch(axi_channel channel, const PINS &pins, pin_level valid_level,
                      pin_level ready_level)
{
    channel_state &now = state(channel);
    if (now.unknown || valid_level == pin_level::unknown || ready_level == pin_level::unknown)
        check_known(channel, valid_level, ready_level);
    const bool valid = valid_level == pin_level::high;
    const bool ready = ready_level == pin_level::high;
    if (!valid && !now.held)
        return;
    const axi_beat &beat = pins.look(channel, room_);
    const bool fresh = !now.held;
    if (!fresh)
        check_held(channel, valid, beat);
    if (valid && fresh) {
        now.since = cycles_;
        check_payload_known(channel, beat);
        seen(channel, beat);
    }
    if (valid && ready)
        accepted(channel, beat);
    now.held = valid && !ready;
    if (now.held)
        now.beat = beat;
    check_ready_limit(channel);
}

void axi_watch::check_known(axi_channel channel, pin_level valid, pin_level ready)
{
    channel_state &now = state(channel);
    const bool valid_unknown = valid == pin_level::unknown;
    const bool unknown = valid_unknown || ready == pin_level::unknown;
    if (unknown && !now.unknown)
        complain(axi_rule::handshake_unknown,
                 std::string(name_of(channel)) + (valid_unknown ? "VALID" : "READY"));
    now.unknown = unknown;
}

void axi_watch::check_held(axi_channel channel, bool valid, const axi_beat &beat)
{
    const channel_state &before = state(channel);
    if (valid) {
        for_each_signal(channel, [&](axi_signal signal) {
            if (!beat.same(signal, before.beat))
                complain(axi_rule::payload_stable, row_of(signal).name);
        });
        return;
    }
    complain(axi_rule::valid_held, std::string(name_of(channel)) + "VALID");
    if (channel == axi_channel::AW || channel == axi_channel::AR)
        transactions_.request_withdrawn(channel == axi_channel::AW);
}

void axi_watch::check_ready_limit(axi_channel channel)
{
    channel_state &now = state(channel);
    const bool too_slow = now.held && limits_.ready && cycles_ - now.since >= limits_.ready;
    if (too_slow && !now.too_slow)
        complain(axi_rule::ready_limit, std::string(name_of(channel)) + "READY");
    now.too_slow = too_slow;
}

void axi_watch::check_payload_known(axi_channel channel, const axi_beat &beat)
{
    if (!beat.has_unknown())
        return;
    for_each_signal(channel, [&](axi_signal signal) {
        if (signal == axi_signal::RDATA) // depends on the request
            return;
        const bool unknown = signal == axi_signal::WDATA
                                 ? written_data_unknown(beat, shape_.bus_bytes)
                                 : beat.is_unknown(signal);
        if (unknown)
            complain(axi_rule::payload_unknown, row_of(signal).name);
    });
}

void axi_watch::seen(axi_channel channel, const axi_beat &beat)
{
    switch (channel) {
    case axi_channel::AW:
    case axi_channel::AR: {
        const axi_request request = request_of(channel, beat);
        check_request(request, shape_, [this](axi_rule broken, const std::string &signal) {
            complain(broken, signal);
        });
        transactions_.request_seen(request, cycles_);
        break;
    }
    case axi_channel::B:
        transactions_.write_response_seen(beat);
        break;
    case axi_channel::R:
        transactions_.read_data_seen(beat);
        break;
    case axi_channel::W:
        break;
    }
}

void axi_watch::accepted(axi_channel channel, const axi_beat &beat)
{
    switch (channel) {
    case axi_channel::AW:
    case axi_channel::AR:
        transactions_.request_accepted(request_of(channel, beat));
        break;
    case axi_channel::W:
        transactions_.write_data_accepted(beat);
        break;
    case axi_channel::B:
        transactions_.write_response_accepted(beat);
        break;
    case axi_channel::R:
        transactions_.read_data_accepted(beat);
        break;
    }
}

void axi_watch::complain(axi_rule broken, const std::string &signal)
{
    complaints_++;
    const rule_row &rule = rules[static_cast<std::size_t>(broken)];
    const std::string clause =
        std::string(rule.clause) == "limit" ? "" : std::string(", IHI 0022 L ") + rule.clause;
    const std::string text = std::string(owner_.name()) + ": " + rule.message + " (" + signal +
                             ", cycle " + std::to_string(cycles_) + clause + ")";
    SC_REPORT_ERROR(rule.id, text.c_str());
}

template void axi_watch::edge(const axi_pins &pins, pin_level aresetn);
template void axi_watch::edge(const axi_values &pins, pin_level aresetn);

} // namespace smmu::pins
