// SPDX-License-Identifier: Apache-2.0
// A log of a bus of APB: see smmu/replay/apb_recorder.hpp.
#include "smmu/replay/apb_recorder.hpp"

namespace smmu {

using namespace pins;

namespace {

constexpr unsigned word_bytes = 4;
constexpr std::uint32_t all_strobes = 0xf;

} // namespace

apb_recorder_base::apb_recorder_base(const sc_core::sc_module_name &name, log_recorder &log)
    : sc_module(name), log_(log)
{
}

// A transfer begins where PSEL is high without PENABLE.
void apb_recorder_base::edge(const apb_watched_pins &pins, pin_level presetn)
{
    const bool was_reset = reset_;
    reset_ = presetn != pin_level::high;
    if (reset_) {
        row_.reset();
        if (!was_reset)
            log_.write(log_row(log_record::reset));
        return;
    }
    const apb_sample now = pins.sample();
    if (!now[apb_signal::PSEL].bits)
        return;
    if (!now[apb_signal::PENABLE].bits)
        begin(now);
    else if (now[apb_signal::PREADY].bits)
        end(now);
}

void apb_recorder_base::begin(const apb_sample &now)
{
    const bool write = now[apb_signal::PWRITE].bits != 0;
    row_ = begun(log_row(write ? log_record::reg_write : log_record::reg_read));
    row_->set(log_column::addr, std::uint64_t{now[apb_signal::PADDR].bits});
    if (!write)
        return;
    row_->set_number(now[apb_signal::PWDATA].bits, word_bytes);
    if (now[apb_signal::PSTRB].bits == all_strobes)
        log_.write(*row_);
}

void apb_recorder_base::end(const apb_sample &now)
{
    if (row_ && row_->what == log_record::reg_read && !now[apb_signal::PSLVERR].bits)
        log_.write(row_->set_number(now[apb_signal::PRDATA].bits, word_bytes));
    row_.reset();
}

} // namespace smmu
