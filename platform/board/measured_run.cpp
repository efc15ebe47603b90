// SPDX-License-Identifier: Apache-2.0
// What --measure writes: see measured_run.hpp.
#include "measured_run.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "input_file.hpp"
#include "output_file.hpp"
#include "smmu/tlm/level_trace.hpp"
#include "vp/picoseconds.hpp"

namespace vp {

namespace {

const sc_core::sc_time first_interval(1, sc_core::SC_US);

void make_directory(const std::string &path)
{
    std::error_code error;
    std::filesystem::create_directory(path, error);
    if (error || !std::filesystem::is_directory(path))
        throw input_error(path + ": is no directory, and cannot be made one");
}

// What a change is, of a counter that may fall.
smmu::measured_cell difference(std::uint64_t now, std::uint64_t before)
{
    smmu::measured_cell cell(now >= before ? now - before : before - now);
    if (now < before)
        cell.text.insert(0, "-");
    return cell;
}

} // namespace

// --- counters over time --------------------------------------------------------------------------

void counter_series::clear()
{
    moments_.clear();
}

// A machine has no counters of a port before the port is used: places stay, names are those of now.
void counter_series::sample(const std::vector<device::counter> &now)
{
    moment one = {sc_core::sc_time_stamp(), {}};
    names_.clear();
    for (const device::counter &each : now) {
        const std::size_t place = places_.try_emplace(each.name, places_.size()).first->second;
        names_.push_back(each.name);
        one.values.resize(std::max(one.values.size(), place + 1));
        one.values[place] = each.value;
    }
    if (!moments_.empty() && moments_.back().time == one.time)
        moments_.pop_back();
    if (moments_.size() > most) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < moments_.size(); i += 2)
            moments_[kept++] = moments_[i];
        moments_.resize(kept);
        interval_ += interval_;
    }
    moments_.push_back(one);
}

smmu::measured_table counter_series::table() const
{
    smmu::measured_table table = {
        "series", {"begin_ps", "end_ps", "counter", "value", "change"}, {}};
    for (const std::string &name : names_) {
        const std::size_t place = places_.at(name);
        const auto value = [place](const moment &of) {
            return place < of.values.size() ? of.values[place] : 0;
        };
        if (value(moments_.front()) == value(moments_.back()))
            continue;
        for (std::size_t i = 1; i < moments_.size(); i++) {
            const moment &before = moments_[i - 1], &now = moments_[i];
            table.rows.push_back({to_ps(before.time), to_ps(now.time), name, value(now),
                                  difference(value(now), value(before))});
        }
    }
    return table;
}

// --- the run -------------------------------------------------------------------------------------

measured_run::measured_run(const sc_core::sc_module_name &name, const machine &system,
                           const machine_plan &plan, const measure_options &options,
                           const std::vector<std::string> &in_use)
    : sc_module(name), system_(system), plan_(plan), options_(options), in_use_(in_use),
      series_(first_interval)
{
    if (!plan.approximate || system.smmus().empty())
        throw input_error(std::string("--measure: the machine ") +
                          (plan.approximate
                               ? "has no SMMU"
                               : "takes no time: its root node needs vp,timing = \"approximate\""));
    make_directory(options.directory);
    json_ = open("measurement.json");
    if (options.trace) {
        trace_file_ = open("trace.json");
        trace_ = std::make_unique<smmu::perfetto_trace>(trace_file_.get());
    }
    if (options.waves) {
        open("levels.vcd"); // refuses what must not be written
        waves_ = sc_core::sc_create_vcd_trace_file(path("levels").c_str());
        waves_->set_time_unit(1, sc_core::SC_PS);
    }
    for (std::size_t i = 0; i < system.smmus().size(); i++) {
        smmu::measurement &measured = system.smmus()[i]->tcu().measure();
        if (waves_)
            smmu::trace_levels(waves_, measured, plan.smmus[i].node.name());
    }
    SC_HAS_PROCESS(measured_run);
    SC_METHOD(sample);
    sensitive << due_;
    dont_initialize();
    SC_METHOD(start_over);
    sensitive << again_;
    dont_initialize();
    if (options.from)
        due_.notify(sc_core::sc_time(*options.from, sc_core::SC_SEC));
    else
        due_.notify(sc_core::SC_ZERO_TIME);
}

measured_run::~measured_run()
{
    if (waves_)
        sc_core::sc_close_vcd_trace_file(waves_);
}

measured_run::file_pointer measured_run::open(const std::string &file) const
{
    return file_pointer(open_output(path(file), "measurement", in_use_));
}

void measured_run::close(file_pointer file, const std::string &name) const
{
    const bool complete = std::ferror(file.get()) == 0;
    if (std::fclose(file.release()) != 0 || !complete)
        throw input_error(path(name) + ": cannot be written to its end");
}

void measured_run::begin()
{
    const bool first = !std::exchange(begun_, true);
    begin_ = sc_core::sc_time_stamp();
    series_.clear();
    for (std::size_t i = 0; i < system_.smmus().size(); i++) {
        smmu::measurement &measured = system_.smmus()[i]->tcu().measure();
        measured.clear();
        if (trace_ && first)
            trace_->watch(measured, plan_.smmus[i].node.name());
    }
}

void measured_run::begin_again(const sc_core::sc_time &when)
{
    if (when < again_at_)
        return;
    again_at_ = when;
    again_.cancel();
    again_.notify(when - sc_core::sc_time_stamp());
}

void measured_run::start_over()
{
    if (!begun_)
        return;
    due_.cancel();
    begin();
    sample();
}

// Goes on for as long as anything else does.
void measured_run::sample()
{
    if (!begun_)
        begin();
    series_.sample(system_.counters());
    if (sc_core::sc_pending_activity())
        due_.notify(series_.interval());
}

void measured_run::add_notes(smmu::measured_tables &to, const std::string &dtb) const
{
    to.notes.emplace_back("measurement", std::uint64_t{1});
    to.notes.emplace_back("machine", dtb);
    for (const smmu_plan &each : plan_.smmus) {
        to.notes.emplace_back("preset " + each.node.name(),
                              each.node.string("vp,preset", "typical"));
        to.notes.emplace_back("seed " + each.node.name(),
                              std::uint64_t{each.node.u32("vp,replacement-seed", 1)});
    }
    for (const device_plan &each : plan_.devices)
        if (each.node.has("vp,seed"))
            to.notes.emplace_back("seed " + each.node.name(), each.node.u64("vp,seed"));
    to.notes.emplace_back("begin_ps", to_ps(begin_));
    to.notes.emplace_back("end_ps", to_ps(sc_core::sc_time_stamp()));
}

void measured_run::finish(const std::string &dtb)
{
    if (!begun_)
        throw input_error("--measure-from: the run ended before");
    series_.sample(system_.counters());
    smmu::measured_tables all;
    add_notes(all, dtb);
    for (std::size_t i = 0; i < system_.smmus().size(); i++)
        smmu::add_measured_smmu(all, plan_.smmus[i].node.name(), system_.smmus()[i]->tcu());
    all.tables.push_back(series_.table());
    for (const smmu::measured_table &each : all.tables) {
        file_pointer file = open(each.name + ".csv");
        smmu::write_csv(all, each, file.get());
        close(std::move(file), each.name + ".csv");
    }
    smmu::write_json(all, json_.get());
    close(std::move(json_), "measurement.json");
    if (trace_) {
        trace_->finish();
        close(std::move(trace_file_), "trace.json");
    }
}

} // namespace vp
