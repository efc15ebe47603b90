// SPDX-License-Identifier: Apache-2.0
// What was measured, as rows: see smmu/tlm/measured_tables.hpp.
#include "smmu/tlm/measured_tables.hpp"

#include <algorithm>
#include <cmath>

namespace smmu {

namespace {

// Of percentiles.
struct percentile_row {
    const char *column;
    unsigned per_100000;
};
constexpr percentile_row percentiles[] = {{"p50_ps", 50000},
                                          {"p90_ps", 90000},
                                          {"p99_ps", 99000},
                                          {"p99.9_ps", 99900},
                                          {"p99.99_ps", 99990}};

double ratio(std::uint64_t part, std::uint64_t whole)
{
    return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::uint64_t ps(ticks time)
{
    return picoseconds_of(time);
}

// In 10^6 bytes a second.
double bandwidth(std::uint64_t bytes, ticks elapsed)
{
    return ratio(bytes, ps(elapsed)) * 1e6;
}

void add_percentiles(measured_row &to, const smmu_histogram &of)
{
    for (const percentile_row &each : percentiles)
        to.emplace_back(ps(smmu_histogram_percentile(&of, each.per_100000)));
}

void add_percentile_columns(std::vector<std::string> &to)
{
    for (const percentile_row &each : percentiles)
        to.emplace_back(each.column);
}

// Whose a measured_row is: of an SMMU, a TBU or a stream.
struct scope {
    std::string smmu;
    std::string kind;
    std::string name;

    measured_row begin() const { return {smmu, kind, name}; }
};

std::vector<std::string> columns_of_scope(std::vector<std::string> more)
{
    std::vector<std::string> all = {"smmu", "scope", "name"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

// --- parameters ----------------------------------------------------------------------------------

void add_parameters(measured_table &to, const std::string &smmu, const smmu_config &cfg)
{
    const auto add = [&](const std::string &name, const measured_cell &value) {
        to.rows.push_back({smmu, name, value});
    };
    const auto add_shape = [&](const std::string &name, const smmu_cache_shape &shape) {
        add(name + ".sets", std::uint64_t{shape.sets});
        add(name + ".ways", std::uint64_t{shape.ways});
    };
#define SMMU_NUMBER(name, ...) add(#name, std::uint64_t{cfg.name});
#define SMMU_SWITCH(name, ...) add(#name, std::uint64_t{cfg.name});
#define SMMU_SHAPE(name, ...)  add_shape(#name, cfg.name);
#define SMMU_POLICY(name, ...)                                                                     \
    add(#name, smmu_replacement_name(static_cast<smmu_replacement>(cfg.name)));
#include "smmu/config.def"
}

void add_parameters(measured_table &to, const std::string &smmu, const timing &times)
{
#define SMMU_LATENCY(name, help)     to.rows.push_back({smmu, #name "_ps", ps(times.name.value())});
#define SMMU_LIMIT(name, most, help) to.rows.push_back({smmu, #name, times.name});
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
}

// --- totals --------------------------------------------------------------------------------------

std::uint64_t reads_of(const transaction_totals &of)
{
    std::uint64_t reads = 0;
    for (auto i = static_cast<unsigned>(latency_part::l1std);
         i <= static_cast<unsigned>(latency_part::s2_level3); i++)
        reads += of.parts[i].uses;
    return reads;
}

std::vector<std::string> columns_of_totals()
{
    std::vector<std::string> columns = columns_of_scope({});
    for (unsigned i = 0; i < transaction_counts; i++)
        columns.emplace_back(transaction_count_name(static_cast<transaction_count>(i)));
    for (const char *each : {"bandwidth_MBps", "utlb_hit_rate", "tbu_tlb_hit_rate", "reads",
                             "reads_per_request", "mean_ps", "min_ps"})
        columns.emplace_back(each);
    add_percentile_columns(columns);
    columns.emplace_back("max_ps");
    return columns;
}

void add_totals(measured_table &to, const scope &whose, const transaction_totals &of, ticks elapsed)
{
    const transaction_sums &sums = of.sums;
    const std::uint64_t utlb = sums[transaction_count::utlb_hits],
                        tbu_tlb = sums[transaction_count::tbu_tlb_hits];
    measured_row cells = whose.begin();
    for (unsigned i = 0; i < transaction_counts; i++)
        cells.emplace_back(sums[static_cast<transaction_count>(i)]);
    cells.emplace_back(bandwidth(sums[transaction_count::bytes_out], elapsed));
    cells.emplace_back(ratio(utlb, utlb + sums[transaction_count::utlb_misses]));
    cells.emplace_back(ratio(tbu_tlb, tbu_tlb + sums[transaction_count::tbu_tlb_misses]));
    cells.emplace_back(reads_of(of));
    cells.emplace_back(ratio(reads_of(of), sums[transaction_count::requests]));
    cells.emplace_back(ratio(ps(of.latency.sum), of.latency.count));
    cells.emplace_back(ps(of.latency.min));
    add_percentiles(cells, of.latency);
    cells.emplace_back(ps(of.latency.max));
    to.rows.push_back(cells);
}

void add_latencies(measured_table &to, const scope &whose, const smmu_histogram &of)
{
    for (unsigned i = 0; i < SMMU_HISTOGRAM_BUCKETS; i++) {
        if (of.buckets[i] == 0)
            continue;
        measured_row cells = whose.begin();
        cells.emplace_back(ps(smmu_histogram_first(i)));
        cells.emplace_back(ps(smmu_histogram_last(i)));
        cells.emplace_back(of.buckets[i]);
        to.rows.push_back(cells);
    }
}

// --- parts ---------------------------------------------------------------------------------------

std::vector<std::string> columns_of_parts()
{
    std::vector<std::string> columns =
        columns_of_scope({"part", "place", "transactions", "uses", "time_ps", "mean_ps", "max_ps"});
    add_percentile_columns(columns);
    return columns;
}

// `distribution` gives that of a part, of nothing where none is kept.
template <typename F>
void add_parts(measured_table &to, const scope &whose, const transaction_totals &of, F distribution)
{
    for (unsigned i = 0; i < latency_parts; i++) {
        const auto which = static_cast<latency_part>(i);
        const part_totals &part = of.part(which);
        if (part.transactions == 0)
            continue;
        measured_row cells = whose.begin();
        cells.emplace_back(latency_part_name(which));
        cells.emplace_back(latency_part_place(which));
        cells.emplace_back(part.transactions);
        cells.emplace_back(part.uses);
        cells.emplace_back(ps(part.time));
        cells.emplace_back(ratio(ps(part.time), of.latency.count));
        cells.emplace_back(ps(part.max));
        const smmu_histogram h = distribution(which);
        if (h.count != 0)
            add_percentiles(cells, h);
        else
            cells.resize(cells.size() + std::size(percentiles), measured_cell::none());
        to.rows.push_back(cells);
    }
}

// --- levels --------------------------------------------------------------------------------------

void add_level(measured_tables &to, const scope &whose, const char *name, const smmu_level &of)
{
    const ticks elapsed = of.upto - of.begin;
    measured_row cells = whose.begin();
    cells.emplace_back(name);
    cells.emplace_back(of.limit);
    cells.emplace_back(ratio(of.area, elapsed));
    cells.emplace_back(of.max);
    cells.emplace_back(of.taken);
    cells.emplace_back(ps(of.busy));
    cells.emplace_back(ps(of.full));
    to.table("levels",
             columns_of_scope({"level", "limit", "mean", "max", "taken", "busy_ps", "full_ps"}))
        .rows.push_back(cells);
    measured_table &windows =
        to.table("occupancy", columns_of_scope({"level", "begin_ps", "end_ps", "mean"}));
    for (unsigned i = 0; i < smmu_level_windows(&of); i++) {
        const ticks begin = of.begin + (std::uint64_t{i} << of.log2_window);
        const ticks end = std::min(of.begin + (std::uint64_t{i + 1} << of.log2_window), of.upto);
        measured_row window = whose.begin();
        window.emplace_back(name);
        window.emplace_back(ps(begin));
        window.emplace_back(ps(end));
        window.emplace_back(ratio(smmu_level_window(&of, i), end - begin));
        windows.rows.push_back(window);
    }
}

// --- performance events --------------------------------------------------------------------------

struct pmu_context {
    measured_table &to;
    const std::string &smmu;
    ticks elapsed;
    ticks cycle;

    std::uint64_t cycles(ticks time) const { return time / cycle; }

    void add(const char *unit, unsigned tbu, unsigned number, const char *name,
             std::uint64_t value) const
    {
        char text[8];
        std::snprintf(text, sizeof text, "0x%x", number);
        to.rows.push_back({smmu, unit, tbu, text, name, value});
    }
};

void add_tbu_events(const pmu_context &c, unsigned tbu, const measurement &m)
{
    const transaction_totals of = m.tbu(tbu);
    const auto level = [&](tbu_level which) { return m.level(tbu, which); };
    const auto cycles = [&c](ticks time) { return c.cycles(time); };
    const ticks elapsed = c.elapsed;
#define SMMU_PMU_TBU(number, name, value) c.add("tbu", tbu, number, name, value);
#define SMMU_PMU_TCU(number, name, value)
#define SMMU_PMU_COUNT(number, unit, name, value) SMMU_PMU_##unit(number, name, value)
#include "pmu_counts.def"
#undef SMMU_PMU_TBU
#undef SMMU_PMU_TCU
#undef SMMU_PMU_COUNT
}

void add_tcu_events(const pmu_context &c, const transaction_totals &of, const smmu_stats &stats)
{
    const auto cycles = [&c](ticks time) { return c.cycles(time); };
    const ticks elapsed = c.elapsed;
#define SMMU_PMU_TBU(number, name, value)
#define SMMU_PMU_TCU(number, name, value)         c.add("tcu", 0, number, name, value);
#define SMMU_PMU_COUNT(number, unit, name, value) SMMU_PMU_##unit(number, name, value)
#include "pmu_counts.def"
#undef SMMU_PMU_TBU
#undef SMMU_PMU_TCU
#undef SMMU_PMU_COUNT
}

void add_counters(measured_table &to, const std::string &smmu, const smmu_stats &stats)
{
#define SMMU_OBSERVATION(name, counter, ...) to.rows.push_back({smmu, #counter, stats.counter});
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
}

// --- all of an SMMU ------------------------------------------------------------------------------

// What a row is of: totals, parts and latencies of a scope.
struct scope_tables {
    measured_table totals = {"totals", columns_of_totals(), {}};
    measured_table parts = {"parts", columns_of_parts(), {}};
    measured_table latencies = {"latencies", columns_of_scope({"from_ps", "to_ps", "count"}), {}};
    ticks elapsed;

    template <typename F> void add(const scope &whose, const transaction_totals &of, F distribution)
    {
        add_totals(totals, whose, of, elapsed);
        add_latencies(latencies, whose, of.latency);
        add_parts(parts, whose, of, distribution);
    }
};

// What is of one kind.
void add_kind(scope_tables &to, const std::string &smmu, const measurement &m,
              transaction_kind kind)
{
    const std::string prefix = transaction_kind_prefix(kind);
    to.add({smmu, prefix + "smmu", "all"}, m.total(kind),
           [&](latency_part which) { return m.distribution(which, kind); });
    for (unsigned i = 0; i < m.tbus(); i++)
        to.add({smmu, prefix + "tbu", std::to_string(i)}, m.tbu(i, kind),
               [&](latency_part which) { return m.distribution(which, i, kind); });
    for (const auto &[sid, of] : m.streams(kind))
        to.add({smmu, prefix + "stream",
                sid == measurement::other_streams ? "others" : std::to_string(sid)},
               of, [](latency_part) { return smmu_histogram{}; });
}

// Kinds that a machine has none of have no rows.
void add_scopes(measured_tables &to, const std::string &smmu, const measurement &m, ticks elapsed)
{
    scope_tables own;
    own.elapsed = elapsed;
    for (unsigned i = 0; i < transaction_kinds; i++) {
        const auto kind = static_cast<transaction_kind>(i);
        if (kind == transaction_kind::transaction || !m.streams(kind).empty())
            add_kind(own, smmu, m, kind);
    }
    for (measured_table *each : {&own.totals, &own.parts, &own.latencies}) {
        measured_table &all = to.table(each->name, each->columns);
        all.rows.insert(all.rows.end(), each->rows.begin(), each->rows.end());
    }
}

void add_levels(measured_tables &to, const std::string &smmu, const measurement &m)
{
    for (unsigned i = 0; i < m.tbus(); i++)
        for (unsigned level = 0; level < tbu_levels; level++) {
            const auto which = static_cast<tbu_level>(level);
            add_level(to, {smmu, "tbu", std::to_string(i)}, tbu_level_name(which),
                      m.level(i, which));
        }
    for (unsigned level = 0; level < tcu_levels; level++) {
        const auto which = static_cast<tcu_level>(level);
        add_level(to, {smmu, "tcu", "all"}, tcu_level_name(which), m.level(which));
    }
}

void add_events(measured_tables &to, const std::string &smmu, const measurement &m,
                const timing &times)
{
    const sc_core::sc_time one_ns(1, sc_core::SC_NS);
    const bool given = times.pmcg_cycle != sc_core::SC_ZERO_TIME;
    const pmu_context c = {to.table("pmu", {"smmu", "unit", "number", "event", "name", "value"}),
                           smmu, m.upto() - m.begin(), (given ? times.pmcg_cycle : one_ns).value()};
    for (unsigned i = 0; i < m.tbus(); i++)
        add_tbu_events(c, i, m);
    transaction_totals all;
    for (unsigned i = 0; i < transaction_kinds; i++)
        all.merge(m.total(static_cast<transaction_kind>(i)));
    add_tcu_events(c, all, m.stats());
}

} // namespace

measured_cell::measured_cell(double value)
{
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.6f", value);
    text = digits;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
}

measured_cell measured_cell::none()
{
    measured_cell cell("");
    cell.number = true;
    return cell;
}

measured_table &measured_tables::table(const std::string &name, std::vector<std::string> columns)
{
    for (measured_table &each : tables)
        if (each.name == name)
            return each;
    tables.push_back({name, std::move(columns), {}});
    return tables.back();
}

std::uint64_t picoseconds_of(ticks time)
{
    static const double per_tick = sc_core::sc_get_time_resolution().to_seconds() * 1e12;
    static const auto whole = static_cast<std::uint64_t>(std::llround(per_tick));
    if (whole != 0)
        return time * whole;
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(time) * per_tick));
}

void add_measured_smmu(measured_tables &to, const std::string &name, tcu_base &of)
{
    measurement &m = of.measure();
    m.update();
    measured_table &parameters = to.table("parameters", {"smmu", "parameter", "value"});
    add_parameters(parameters, name, of.config());
    add_parameters(parameters, name, of.times());
    add_scopes(to, name, m, m.upto() - m.begin());
    add_levels(to, name, m);
    add_events(to, name, m, of.times());
    add_counters(to.table("counters", {"smmu", "counter", "value"}), name, m.stats());
}

// --- files ---------------------------------------------------------------------------------------

namespace {

std::string for_csv(const measured_cell &cell)
{
    if (cell.text.find_first_of(",\"\r\n") == std::string::npos)
        return cell.text;
    std::string quoted = "\"";
    for (const char each : cell.text)
        quoted += each == '"' ? std::string("\"\"") : std::string(1, each);
    return quoted + "\"";
}

} // namespace

std::string json_text(const std::string &text)
{
    std::string quoted = "\"";
    for (const char each : text) {
        char escape[8];
        if (static_cast<unsigned char>(each) < 0x20)
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(each));
        else
            std::snprintf(escape, sizeof escape, each == '"' || each == '\\' ? "\\%c" : "%c", each);
        quoted += escape;
    }
    return quoted + "\"";
}

namespace {

std::string for_json(const measured_cell &cell)
{
    if (cell.number)
        return cell.text.empty() ? "null" : cell.text;
    return json_text(cell.text);
}

// Notes are lines.
std::string one_line(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char each) { return each == '\n' || each == '\r'; }, ' ');
    return text;
}

void write_rows_as_json(const measured_table &one, std::FILE *file)
{
    for (std::size_t r = 0; r < one.rows.size(); r++) {
        std::fprintf(file, "%s\n    {", r ? "," : "");
        for (std::size_t i = 0; i < one.columns.size(); i++)
            std::fprintf(file, "%s%s: %s", i ? ", " : "", json_text(one.columns[i]).c_str(),
                         for_json(one.rows[r][i]).c_str());
        std::fputc('}', file);
    }
}

} // namespace

void write_csv(const measured_tables &all, const measured_table &one, std::FILE *file)
{
    for (const auto &[key, value] : all.notes)
        std::fprintf(file, "# %s: %s\n", key.c_str(), one_line(value.text).c_str());
    for (std::size_t i = 0; i < one.columns.size(); i++)
        std::fprintf(file, "%s%s", i ? "," : "", one.columns[i].c_str());
    std::fputc('\n', file);
    for (const measured_row &cells : one.rows) {
        for (std::size_t i = 0; i < cells.size(); i++)
            std::fprintf(file, "%s%s", i ? "," : "", for_csv(cells[i]).c_str());
        std::fputc('\n', file);
    }
}

void write_json(const measured_tables &all, std::FILE *file)
{
    std::fputs("{\n  \"run\": {", file);
    for (std::size_t i = 0; i < all.notes.size(); i++)
        std::fprintf(file, "%s\n    %s: %s", i ? "," : "", json_text(all.notes[i].first).c_str(),
                     for_json(all.notes[i].second).c_str());
    std::fputs("\n  }", file);
    for (const measured_table &each : all.tables) {
        std::fprintf(file, ",\n  %s: [", json_text(each.name).c_str());
        write_rows_as_json(each, file);
        std::fputs("\n  ]", file);
    }
    std::fputs("\n}\n", file);
}

} // namespace smmu
