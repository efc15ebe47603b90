// SPDX-License-Identifier: Apache-2.0
// A bus of APB that is watched: see smmu/pins/apb_checker.hpp.
#include "smmu/pins/apb_checker.hpp"

#include <string>

namespace smmu::pins {

enum class apb_rule {
#define SMMU_APB_RULE(name, section, message) name,
#include "smmu/pins/apb_rules.def"
#undef SMMU_APB_RULE
};

namespace {

struct apb_rule_row {
    const char *id;
    const char *section;
    const char *message;
};

constexpr apb_rule_row apb_rule_rows[] = {
#define SMMU_APB_RULE(name, section, message) {"/smmu/pins/apb/" #name, section, message},
#include "smmu/pins/apb_rules.def"
#undef SMMU_APB_RULE
};

constexpr const char *apb_signal_names[apb_signals] = {"PADDR",  "PPROT",   "PSEL",  "PENABLE",
                                                       "PWRITE", "PWDATA",  "PSTRB", "PREADY",
                                                       "PRDATA", "PSLVERR", "PNSE",  "PWAKEUP"};

// What stays as it is from the setup phase on, but for PWDATA, which only writes have.
constexpr apb_signal held_signals[] = {apb_signal::PADDR, apb_signal::PPROT, apb_signal::PNSE,
                                       apb_signal::PWRITE, apb_signal::PSTRB};

bool is_write(const apb_sample &now)
{
    return now[apb_signal::PWRITE].bits != 0;
}

// The bits of the lanes whose strobes are high.
std::uint32_t written_bits(const apb_sample &now)
{
    constexpr std::uint32_t lane_bits = 0xff;
    std::uint32_t bits = 0;
    for (unsigned lane = 0; lane < 4; lane++)
        if (now[apb_signal::PSTRB].bits >> lane & 1)
            bits |= lane_bits << 8 * lane;
    return bits;
}

} // namespace

void apb_checker_base::edge(const apb_watched_pins &pins, pin_level presetn)
{
    cycles_++;
    if (presetn == pin_level::unknown && !reset_unknown_)
        complain(apb_rule::reset_unknown, "PRESETn");
    reset_unknown_ = presetn == pin_level::unknown;
    if (presetn == pin_level::high)
        watch(pins.sample());
    else
        begun_.reset();
}

void apb_checker_base::watch(const apb_sample &now)
{
    const bool selected = is_high(now, apb_signal::PSEL);
    if (now[apb_signal::PSEL].unknown)
        return;
    if (begun_)
        access(now);
    else if (selected)
        begin(now);
    if (!begun_ || !now[apb_signal::PSEL].bits)
        unknown_control_.reset();
}

// The setup phase. Where it is missing, this is the access phase.
void apb_checker_base::begin(const apb_sample &now)
{
    check_request_known(now);
    if (!is_write(now) && now[apb_signal::PSTRB].bits)
        complain(apb_rule::read_strobe, apb_signal::PSTRB);
    is_high(now, apb_signal::PWAKEUP);
    begun_ = now;
    waits_ = 0;
    if (!is_high(now, apb_signal::PENABLE))
        return;
    complain(apb_rule::setup, apb_signal::PENABLE);
    access(now);
}

void apb_checker_base::access(const apb_sample &now)
{
    if (!now[apb_signal::PSEL].bits) {
        complain(apb_rule::select_held, apb_signal::PSEL);
        begun_.reset();
        return;
    }
    check_stable(now);
    const bool was_enabled = (*begun_)[apb_signal::PENABLE].bits != 0;
    const bool is_first = waits_++ == 0;
    const bool enabled = is_high(now, apb_signal::PENABLE);
    begun_ = now;
    if (now[apb_signal::PENABLE].unknown)
        return;
    if (!enabled && (is_first || was_enabled))
        complain(is_first ? apb_rule::setup_length : apb_rule::enable_held, apb_signal::PENABLE);
    if (enabled && is_high(now, apb_signal::PREADY))
        end(now);
    else if (waits_ == ready_limit_)
        complain(apb_rule::ready_limit, apb_signal::PREADY);
}

void apb_checker_base::check_stable(const apb_sample &now)
{
    for (const apb_signal each : held_signals)
        if (!(now[each] == (*begun_)[each]))
            complain(apb_rule::stable, each);
    if (is_write(*begun_) && !(now[apb_signal::PWDATA] == (*begun_)[apb_signal::PWDATA]))
        complain(apb_rule::stable, apb_signal::PWDATA);
    const bool wakes = is_high(now, apb_signal::PWAKEUP) || now[apb_signal::PWAKEUP].unknown;
    if ((*begun_)[apb_signal::PWAKEUP].bits && !wakes)
        complain(apb_rule::wakeup_held, apb_signal::PWAKEUP);
}

void apb_checker_base::check_request_known(const apb_sample &now)
{
    for (const apb_signal each : held_signals)
        if (now[each].unknown)
            complain(apb_rule::payload_unknown, each);
    if (is_write(now) && now[apb_signal::PWDATA].unknown & written_bits(now))
        complain(apb_rule::payload_unknown, apb_signal::PWDATA);
}

// A read that has failed has no data.
void apb_checker_base::end(const apb_sample &now)
{
    const apb_sample::word &failed = now[apb_signal::PSLVERR];
    if (failed.unknown)
        complain(apb_rule::payload_unknown, apb_signal::PSLVERR);
    else if (!is_write(now) && !failed.bits && now[apb_signal::PRDATA].unknown)
        complain(apb_rule::payload_unknown, apb_signal::PRDATA);
    begun_.reset();
    transfers_++;
}

// Tells once if it is unknown.
bool apb_checker_base::is_high(const apb_sample &now, apb_signal control)
{
    if (now[control].unknown && unknown_control_ != control) {
        complain(apb_rule::control_unknown, control);
        unknown_control_ = control;
    }
    return now[control].bits != 0;
}

void apb_checker_base::complain(apb_rule broken, apb_signal signal)
{
    complain(broken, apb_signal_names[static_cast<std::size_t>(signal)]);
}

void apb_checker_base::complain(apb_rule broken, const char *signal)
{
    complaints_++;
    const apb_rule_row &rule = apb_rule_rows[static_cast<std::size_t>(broken)];
    const std::string section =
        broken == apb_rule::ready_limit ? "" : std::string(", IHI 0024 ") + rule.section;
    const std::string text = std::string(name()) + ": " + rule.message + " (" + signal +
                             ", cycle " + std::to_string(cycles_) + section + ")";
    SC_REPORT_ERROR(rule.id, text.c_str());
}

} // namespace smmu::pins
