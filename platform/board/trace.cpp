// SPDX-License-Identifier: Apache-2.0
// Formatting and writing the lines of the trace.
#include "trace.hpp"

#include <algorithm>
#include <cinttypes>

#include "output_file.hpp"

namespace vp {

namespace {

// A run whose trace is lost is of no use: it stops, and close() tells.
void stop_if_lost(std::FILE *file)
{
    if (std::ferror(file) != 0)
        sc_core::sc_stop();
}

} // namespace

struct trace_log::pe_source {
    const trace_log &log;
    const cpu *pe;
    std::string node;

    static pe_source &self(void *user) { return *static_cast<pe_source *>(user); }

    // Begins a line in the file that it returns.
    std::FILE *begin(const char *kind) const
    {
        std::FILE *file = log.file_.get();
        stop_if_lost(file);
        std::fprintf(file, "%.9f %s %s: ", pe->local_time().to_seconds(), node.c_str(), kind);
        return file;
    }

    static void insn(void *user, std::uint64_t pc, std::uint32_t word, const char *name)
    {
        std::fprintf(self(user).begin("insn"), "0x%016" PRIx64 " %08" PRIx32 " %s\n", pc, word,
                     name);
    }

    static void exception(void *user, const a64_exception *e)
    {
        static constexpr const char *kind_names[] = {"sync", "irq", "fiq", "serror"};
        std::FILE *file = self(user).begin("exc");
        std::fprintf(file, "%s, from EL%u 0x%016" PRIx64 ", to EL%u 0x%016" PRIx64,
                     kind_names[e->kind], static_cast<unsigned>(e->spsr >> 2 & 3), e->elr, e->el,
                     e->vector);
        if (e->kind == A64_EXCEPTION_SYNC)
            std::fprintf(file, ", ESR 0x%08" PRIx64 ", FAR 0x%016" PRIx64, e->esr, e->far);
        std::fputc('\n', file);
    }

    static void exception_return(void *user, std::uint64_t pc, unsigned el)
    {
        std::fprintf(self(user).begin("exc"), "return, to EL%u 0x%016" PRIx64 "\n", el, pc);
    }
};

namespace {

struct observation_row {
    bool stream;
    const char *values[2];
};

constexpr observation_row observations[] = {
#define SMMU_OBSERVATION(name, counter, stream, a, b, help) {stream, {a, b}},
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
};

void print(std::FILE *file, const char *label, std::uint64_t value)
{
    if (label[0] != '\0')
        std::fprintf(file, ", %s 0x%" PRIx64, label, value);
}

} // namespace

const std::vector<std::string> &trace_log::kinds()
{
    static const std::vector<std::string> names = {"insn", "exc", "smmu"};
    return names;
}

trace_log::trace_log(const std::vector<std::string> &selected) : selected_(selected) {}

trace_log::~trace_log() = default;

void trace_log::open(const std::string &path, const std::vector<std::string> &in_use)
{
    file_.reset(open_output(path, "trace", in_use));
}

bool trace_log::selects(const char *kind) const
{
    return std::find(selected_.begin(), selected_.end(), kind) != selected_.end();
}

void trace_log::watch(const cpu &pe, const std::string &node)
{
    sources_.push_back(std::make_unique<pe_source>(pe_source{*this, &pe, node}));
    a64_tracer tracer = {};
    tracer.user = sources_.back().get();
    if (selects("insn"))
        tracer.insn = pe_source::insn;
    if (selects("exc")) {
        tracer.exception = pe_source::exception;
        tracer.exception_return = pe_source::exception_return;
    }
    a64_set_tracer(pe.core(), &tracer);
}

smmu::tcu_base::observer trace_log::smmu_tracer(const std::string &node)
{
    if (!selects("smmu"))
        return {};
    return [this, node](const smmu_observation &seen) {
        const observation_row &row = observations[seen.id];
        std::FILE *file = file_.get();
        stop_if_lost(file);
        std::fprintf(file, "%.9f %s smmu: %s", sc_core::sc_time_stamp().to_seconds(), node.c_str(),
                     smmu_observation_name(static_cast<smmu_observation_id>(seen.id)));
        print(file, row.stream ? "StreamID" : "", seen.sid);
        print(file, row.values[0], seen.a);
        print(file, row.values[1], seen.b);
        if (seen.labelled) {
            print(file, "PARTID", seen.mpam.partid);
            print(file, "PMG", seen.mpam.pmg);
        }
        std::fputc('\n', file);
    };
}

bool trace_log::close()
{
    if (!file_)
        return true;
    const bool complete = std::ferror(file_.get()) == 0;
    return std::fclose(file_.release()) == 0 && complete;
}

} // namespace vp
