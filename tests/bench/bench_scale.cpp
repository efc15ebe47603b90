// SPDX-License-Identifier: Apache-2.0
// How the C core does with many streams, under invalidation, and what it takes of commands and
// memory. Each stream has an address space of its own, as drivers make them: all at the same
// addresses.
#include "bench.hpp"

#include <malloc.h>

#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "smmu/smmu.h"
#include "support/cd.hpp"
#include "support/commands.hpp"
#include "support/memory.hpp"
#include "support/registers.hpp"
#include "support/ste.hpp"
#include "support/stream_table.hpp"
#include "support/translation_table.hpp"

namespace bench {

namespace {

namespace reg = support::reg;

// What is benched.
struct scale {
    unsigned streams; // a power of two
    unsigned pages;   // of each
    bool nested;
    bool holds_all; // TLBs and configuration cache hold all of it; else those of the preset

    bool operator==(const scale &other) const
    {
        return streams == other.streams && pages == other.pages && nested == other.nested &&
               holds_all == other.holds_all;
    }
};

smmu_cache_shape room_for(std::uint64_t entries)
{
    constexpr unsigned ways = 8;
    std::uint32_t sets = 1;
    while (std::uint64_t{sets} * ways < 2 * entries)
        sets *= 2;
    return {sets, ways};
}

smmu_config configuration(const scale &s)
{
    smmu_config config = smmu_config_default();
    if (!s.holds_all)
        return config;
    config.utlb.sets = 0;
    config.tlb = room_for(std::uint64_t{s.streams} * s.pages);
    config.config_cache = room_for(s.streams);
    config.walk_s1 = config.walk_s2 = room_for(4 * std::uint64_t{s.streams});
    return config;
}

// Memory as software leaves it, in a row.
class image {
  public:
    static constexpr std::uint64_t base = 0x4000'0000;
    static constexpr std::uint64_t input = 0x5a5a'1234'5000;
    static constexpr std::uint64_t output = 0x8'0000'0000; // what is there nobody reads
    static constexpr std::uint64_t page_size = 4096;
    static constexpr unsigned vmid = 1;
    static constexpr unsigned queue_log2 = 8;
    static constexpr unsigned strtab_log2 = 16;

    explicit image(const scale &s)
        : queue(frames_.allocate(16 << queue_log2, 16 << queue_log2)),
          streams(memory_, frames_, frames_.allocate(64 << strtab_log2, 64 << strtab_log2),
                  {strtab_log2})
    {
        support::translation_table table(memory_, frames_);
        for (unsigned page = 0; page < s.pages; page++)
            table.map(input + page * page_size, output + page * page_size);
        const std::uint64_t contexts = frames_.allocate(64 * std::uint64_t{s.streams}, 4096);
        const std::uint64_t end = frames_.allocate(0, page_size);
        support::ste stream;
        stream.config = s.nested ? support::STE_NESTED : support::STE_S1_TRANS;
        stream.s2vmid = vmid;
        if (s.nested)
            add_stage2(stream, end, s.pages);
        support::cd context;
        context.ttb0 = table.base();
        context.epd1 = 1;
        for (unsigned sid = 0; sid < s.streams; sid++) {
            stream.s1contextptr = contexts + 64 * std::uint64_t{sid};
            context.asid = sid;
            memory_.store_image(stream.s1contextptr, context.encode());
            memory_.store_image(streams.ste_address(sid), stream.encode());
        }
        bytes.resize(frames_.allocate(0, page_size) - base);
        memory_.load(base, bytes.data(), bytes.size());
    }

  private:
    support::memory memory_;
    support::frame_allocator frames_{base};

    // Maps to itself what stage 1 has there and what it maps to.
    void add_stage2(support::ste &stream, std::uint64_t end, unsigned pages)
    {
        constexpr unsigned input_bits = 40;
        support::translation_table table(memory_, frames_, input_bits);
        for (std::uint64_t at = base; at < end; at += page_size)
            table.map(at, at, 3, support::stage2_attributes{});
        for (unsigned page = 0; page < pages; page++)
            table.map(output + page * page_size, output + page * page_size, 3,
                      support::stage2_attributes{});
        stream.s2t0sz = 64 - input_bits;
        stream.s2sl0 = 2; // the walk begins at level 0
        stream.s2ps = 5;
        stream.s2aa64 = 1;
        stream.s2ttb = table.base();
    }

  public:
    std::uint64_t queue;
    support::stream_table streams;
    std::vector<std::uint8_t> bytes;
};

class machine {
  public:
    explicit machine(const scale &s) : scale_(s), image_(s)
    {
        const smmu_config config = configuration(s);
        smmu_ops ops{};
        ops.read = read;
        ops.write = write;
        ops.cas = compare_and_swap;
        smmu_error error{};
        smmu_.reset(smmu_create(&config, &ops, this, &error));
        if (!smmu_)
            throw std::invalid_argument(std::string(error.field) + " " + error.reason);
        program(reg::STRTAB_BASE, 8, image_.streams.base());
        program(reg::STRTAB_BASE_CFG, 4, image_.streams.base_cfg());
        program(reg::CMDQ_BASE, 8, image_.queue | image::queue_log2);
        program(reg::CR0, 4, reg::CR0_CMDQEN);
        program(reg::CR0, 4, reg::CR0_CMDQEN | reg::CR0_SMMUEN);
    }

    const scale &what() const { return scale_; }

    // Translates access number `n`: streams take turns, and go from page to page. Returns false if
    // the answer is not the mapping.
    bool translate(std::uint64_t n)
    {
        const std::uint64_t offset = n / scale_.streams % scale_.pages * image::page_size;
        txn_.sid = static_cast<std::uint32_t>(n % scale_.streams);
        txn_.addr = image::input + offset;
        smmu_translate(smmu_.get(), &txn_, &result_);
        return result_.outcome == SMMU_FORWARD && result_.addr == image::output + offset;
    }

    // Puts a command into the queue, to be consumed with others.
    void put(const support::command &command)
    {
        const std::uint64_t index = produced_++ % (1u << image::queue_log2);
        std::memcpy(image_.bytes.data() + (image_.queue - image::base) + 16 * index,
                    command.word.data(), 16);
    }

    // Lets the SMMU consume them. Returns false if it has not.
    bool consume()
    {
        constexpr unsigned mask = (2u << image::queue_log2) - 1;
        program(reg::CMDQ_PROD, 4, produced_ & mask);
        std::uint64_t consumed = 0;
        smmu_reg_read(smmu_.get(), reg::CMDQ_CONS, 4, &consumed);
        return consumed == (produced_ & mask);
    }

    bool carry_out(const support::command &command)
    {
        put(command);
        return consume();
    }

    const smmu_stats &stats() const { return *smmu_get_stats(smmu_.get()); }

    unsigned turns = 0; // how often all has been translated

  private:
    struct destroy {
        void operator()(smmu_t *smmu) const { smmu_destroy(smmu); }
    };

    void program(std::uint32_t offset, unsigned size, std::uint64_t value)
    {
        smmu_reg_write(smmu_.get(), offset, size, value);
        smmu_run(smmu_.get());
    }

    static smmu_mem_status read(void *user, const smmu_mem_req *req, void *data)
    {
        const auto &bytes = static_cast<machine *>(user)->image_.bytes;
        if (req->addr < image::base || req->addr - image::base >= bytes.size())
            return SMMU_MEM_ABORT;
        std::memcpy(data, bytes.data() + (req->addr - image::base), req->size);
        return SMMU_MEM_OK;
    }

    static smmu_mem_status write(void *, const smmu_mem_req *, const void *)
    {
        return SMMU_MEM_ABORT;
    }

    static smmu_mem_status compare_and_swap(void *, const smmu_mem_req *, const void *,
                                            const void *, void *)
    {
        return SMMU_MEM_ABORT;
    }

    static smmu_txn read_access()
    {
        smmu_txn txn{};
        txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER};
        return txn;
    }

    scale scale_;
    image image_;
    std::unique_ptr<smmu_t, destroy> smmu_;
    smmu_txn txn_ = read_access();
    smmu_result result_{};
    std::uint64_t produced_ = 0;
};

// The machine for `s`: the one there was last, with what it has cached, if it is that.
machine &machine_for(const scale &s)
{
    static std::unique_ptr<machine> last;
    if (!last || !(last->what() == s)) {
        last.reset();
        last = std::make_unique<machine>(s);
    }
    return *last;
}

// All is translated once before time is taken, but no more than this where not all of it is kept.
constexpr std::uint64_t warm_up = 1 << 18;

bool warm(machine &m)
{
    bool right = true;
    const std::uint64_t all = std::uint64_t{m.what().streams} * m.what().pages;
    for (std::uint64_t n = 0; n < all && (m.what().holds_all || n < warm_up); n++)
        right &= m.translate(n);
    return right;
}

void translations(benchmark::State &state, const scale &s)
{
    machine &m = machine_for(s);
    bool right = true;
    // Of caches that hold all, what walks have used them for is gone after a second turn.
    if (!s.holds_all || m.turns++ < 2)
        right = warm(m);
    const std::uint64_t walks = m.stats().tlb_misses;
    std::uint64_t n = 0;
    for (auto _ : state)
        right &= m.translate(n++);
    if (!right)
        state.SkipWithError("a translation is wrong");
    else if (s.holds_all && m.stats().tlb_misses != walks)
        state.SkipWithError("a TLB does not hold all");
}

void add(benchmark::internal::Benchmark *added)
{
    added->MinTime(0.02);
}

// One invalidation in so many translations of 64 streams, which have 16 pages each.
using invalidation = support::command(unsigned turn);

support::command by_va(unsigned turn)
{
    return support::tlbi_nh_va(image::input + turn / 64 % 16 * image::page_size, turn % 64, true,
                               image::vmid);
}

support::command by_asid(unsigned turn)
{
    return support::tlbi_nh_asid(turn % 64, image::vmid);
}

// Of a VMID that nobody has.
support::command by_vmid(unsigned)
{
    return support::tlbi_s12_vmall(image::vmid + 1);
}

support::command of_all(unsigned)
{
    return support::tlbi_nsnh_all();
}

// Four pages.
support::command by_range(unsigned turn)
{
    return support::with_range(by_va(turn), {1, 3, 0, 3});
}

void invalidated(benchmark::State &state, invalidation *of, unsigned accesses)
{
    machine &m = machine_for({64, 16, false, true});
    bool right = warm(m);
    std::uint64_t n = 0;
    unsigned turn = 0;
    for (auto _ : state) {
        if (n % accesses == 0)
            right &= m.carry_out(of(turn++));
        right &= m.translate(n++);
    }
    if (!right)
        state.SkipWithError("a translation is wrong, or a command is not consumed");
}

constexpr unsigned pages_of_32mib = 8192;

// An address space of 32 MiB, of which nothing is cached, where 1024 pages of others are.
void range_32mib(benchmark::State &state)
{
    machine &m = machine_for({64, 16, false, true});
    bool right = warm(m);
    const support::command of_space = support::with_range(
        support::tlbi_nh_va(image::input >> 25 << 25, 99, true, image::vmid), {1, 31, 8, 3});
    for (auto _ : state)
        right &= m.carry_out(of_space);
    if (!right)
        state.SkipWithError("a command is not consumed");
}

void singly_32mib(benchmark::State &state)
{
    machine &m = machine_for({64, 16, false, true});
    bool right = warm(m);
    for (auto _ : state) {
        for (unsigned page = 0; page < pages_of_32mib; page++) {
            m.put(support::tlbi_nh_va((image::input >> 25 << 25) + page * image::page_size, 99,
                                      true, image::vmid));
            if (page % 128 == 127)
                right &= m.consume();
        }
    }
    if (!right)
        state.SkipWithError("a command is not consumed");
}

// As a driver gives them: what is to be invalidated, and after it a CMD_SYNC.
void commands(benchmark::State &state)
{
    constexpr unsigned batch = 64;
    machine &m = machine_for({64, 16, false, true});
    bool right = warm(m);
    for (auto _ : state) {
        for (unsigned i = 1; i < batch; i++)
            m.put(by_va(i));
        right &= m.carry_out(support::cmd_sync());
    }
    if (!right)
        state.SkipWithError("a command is not consumed");
    state.counters["1/s"] = benchmark::Counter(static_cast<double>(state.iterations()) * batch,
                                               benchmark::Counter::kIsRate);
}

// What an SMMU of the default configuration takes from the heap.
void instance(benchmark::State &state)
{
    const smmu_config config = smmu_config_default();
    smmu_ops ops{};
    ops.read = [](void *, const smmu_mem_req *, void *) { return SMMU_MEM_ABORT; };
    ops.write = [](void *, const smmu_mem_req *, const void *) { return SMMU_MEM_ABORT; };
    ops.cas = [](void *, const smmu_mem_req *, const void *, const void *, void *) {
        return SMMU_MEM_ABORT;
    };
    std::size_t bytes = 0;
    for (auto _ : state) {
        const struct mallinfo2 before = mallinfo2();
        smmu_t *smmu = smmu_create(&config, &ops, nullptr, nullptr);
        const struct mallinfo2 after = mallinfo2();
        bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        smmu_destroy(smmu);
    }
    state.counters["bytes"] = static_cast<double>(bytes);
}

} // namespace

void add_scale()
{
    add(benchmark::RegisterBenchmark("core.scale.s1.1x16.preset", translations,
                                     scale{1, 16, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.1x512.preset", translations,
                                     scale{1, 512, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.16x16.preset", translations,
                                     scale{16, 16, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.16x512.preset", translations,
                                     scale{16, 512, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.256x16.preset", translations,
                                     scale{256, 16, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.256x512.preset", translations,
                                     scale{256, 512, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.4096x16.preset", translations,
                                     scale{4096, 16, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.4096x512.preset", translations,
                                     scale{4096, 512, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.65536x16.preset", translations,
                                     scale{65536, 16, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.65536x512.preset", translations,
                                     scale{65536, 512, false, false}));
    add(benchmark::RegisterBenchmark("core.scale.s1.1x16.all", translations,
                                     scale{1, 16, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.1x512.all", translations,
                                     scale{1, 512, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.16x16.all", translations,
                                     scale{16, 16, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.16x512.all", translations,
                                     scale{16, 512, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.256x16.all", translations,
                                     scale{256, 16, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.256x512.all", translations,
                                     scale{256, 512, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.4096x16.all", translations,
                                     scale{4096, 16, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.4096x512.all", translations,
                                     scale{4096, 512, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.s1.65536x16.all", translations,
                                     scale{65536, 16, false, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.1x16.preset", translations,
                                     scale{1, 16, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.1x512.preset", translations,
                                     scale{1, 512, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.16x16.preset", translations,
                                     scale{16, 16, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.16x512.preset", translations,
                                     scale{16, 512, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.256x16.preset", translations,
                                     scale{256, 16, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.256x512.preset", translations,
                                     scale{256, 512, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.4096x16.preset", translations,
                                     scale{4096, 16, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.4096x512.preset", translations,
                                     scale{4096, 512, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.65536x16.preset", translations,
                                     scale{65536, 16, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.65536x512.preset", translations,
                                     scale{65536, 512, true, false}));
    add(benchmark::RegisterBenchmark("core.scale.nested.1x16.all", translations,
                                     scale{1, 16, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.1x512.all", translations,
                                     scale{1, 512, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.16x16.all", translations,
                                     scale{16, 16, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.16x512.all", translations,
                                     scale{16, 512, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.256x16.all", translations,
                                     scale{256, 16, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.256x512.all", translations,
                                     scale{256, 512, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.4096x16.all", translations,
                                     scale{4096, 16, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.4096x512.all", translations,
                                     scale{4096, 512, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.nested.65536x16.all", translations,
                                     scale{65536, 16, true, true}));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.va_in_8", invalidated, by_va, 8));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.va_in_64", invalidated, by_va, 64));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.asid_in_8", invalidated, by_asid, 8));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.asid_in_64", invalidated, by_asid, 64));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.vmid_in_8", invalidated, by_vmid, 8));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.vmid_in_64", invalidated, by_vmid, 64));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.all_in_8", invalidated, of_all, 8));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.all_in_64", invalidated, of_all, 64));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.range_in_8", invalidated, by_range, 8));
    add(benchmark::RegisterBenchmark("core.scale.tlbi.range_in_64", invalidated, by_range, 64));
    add(benchmark::RegisterBenchmark("core.tlbi.range_32MiB", range_32mib));
    add(benchmark::RegisterBenchmark("core.tlbi.single_32MiB", singly_32mib));
    add(benchmark::RegisterBenchmark("core.commands", commands));
    add(benchmark::RegisterBenchmark("core.instance", instance));
}

} // namespace bench
