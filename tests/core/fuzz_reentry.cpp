// SPDX-License-Identifier: Apache-2.0
// The software of a reentry_host, and what the bytes of the fuzzer make it and the clients do.
#include "core/fuzz_reentry.hpp"

#include "core/reentry_clients.hpp"
#include "core/reentry_commands.hpp"
#include "support/tables.hpp"

using namespace support;

namespace {

// ATOS registers (IHI 0070 6.3.37 to 6.3.40).
enum atos : uint32_t {
    GATOS_CTRL = 0x100,
    GATOS_SID = 0x108,
    GATOS_ADDR = 0x110,
    GATOS_PAR = 0x118
};

constexpr uint32_t cr0_all = reg::CR0_SMMUEN | reg::CR0_PRIQEN | reg::CR0_EVENTQEN |
                             reg::CR0_CMDQEN | reg::CR0_ATSCHK | reg::CR0_DPT_WALK_EN;
constexpr uint32_t queue_mask(unsigned log2)
{
    return (2u << log2) - 1;
}
constexpr unsigned most_runs = 3; // at once

smmu_config config()
{
    smmu_config cfg = smmu_config_default();
    cfg.stall_max = 3; // less than clients
    cfg.config_cache = {1, 2};
    cfg.tlb = {2, 2};
    cfg.walk_s1 = cfg.walk_s2 = {1, 2};
    cfg.httu = SMMU_HTTU_DIRTY;
    cfg.ecmdq = true;
    cfg.ecmdq_log2_queues = 1;
    cfg.atsrecerr = true;
    cfg.btm = cfg.ats = cfg.pri = cfg.msi = cfg.atos = true;
    cfg.vmsa32 = false;
    cfg.dpt = cfg.dpt_from_ats = true;
    cfg.dpt_tlb = {1, 3};
    return cfg;
}

class reentry_run {
  public:
    reentry_run(const uint8_t *data, size_t size)
        : in_(data, size), host_(config()), dpt_(host_), clients_(host_, dpt_), commands_(host_)
    {
        bring_up();
    }

    void run();
    const reentry_clients::counts &seen() const { return clients_.seen(); }

  private:
    void act();
    void client();
    void endpoint();
    void hint();
    void memory();
    void permissions();
    void write_registers();
    void enable(uint32_t cr0);
    void use_atos();
    void use_ecmdq();
    void command_some();
    void broadcast();
    void step();
    void answer_events();
    void lose();
    void work();
    void work_twice();
    void reset();

    void bring_up();
    unsigned some_queue();
    void invalidate();
    void invalidate_dpt(unsigned page);
    void read_events(resume_action action);
    void read_requests();
    void acknowledge_errors();
    void observe();
    void observe_atos();
    void settle();
    bool settled() const;
    void check_dpt();
    void finish_work();
    void check_acknowledged();

    byte_source in_;
    reentry_host host_;
    reentry_dpt dpt_;
    reentry_clients clients_;
    reentry_commands commands_;
    const bool rough_ = in_.coin(); // accesses fail, and calls are killed
    bool was_enabled_ = false, atos_ran_ = false;
};

// --- software ------------------------------------------------------------------------------------

void reentry_run::bring_up()
{
    host_.program(0);
    dpt_.program();
    enable(cr0_all);
    commands_.bring_up();
}

unsigned reentry_run::some_queue()
{
    return static_cast<unsigned>(in_.below(reentry_commands::queues));
}

void reentry_run::invalidate()
{
    const unsigned queue = some_queue();
    commands_.maintain(queue, tlbi_nsnh_all(), in_.coin(),
                       [this, now = clients_.now()] { clients_.invalidated(now); });
}

// By all of it, by a page, or by a region with the page; Leaf is of no matter where no table has
// changed.
void reentry_run::invalidate_dpt(unsigned page)
{
    const unsigned queue = some_queue();
    if (in_.one_in(3)) {
        commands_.maintain(queue, dpti_all(), in_.coin(),
                           [this, now = dpt_.now()] { dpt_.invalidated(now); });
        return;
    }
    const unsigned code = in_.coin() ? 0 : 2, log2 = code == 0 ? 12 : 16; // SIZE
    const uint64_t at = reentry_dpt::address(page) & ~ones(log2);
    commands_.maintain(queue, dpti_pa(at, code, in_.coin()), in_.coin(),
                       [this, page, then = dpt_.now().at(page)] { dpt_.invalidated(page, then); });
}

// Take records from the queue, and answer those of stalled transactions, by any Command queue.
void reentry_run::read_events(resume_action action)
{
    const uint32_t mask = queue_mask(reentry_host::evtq_log2);
    const uint32_t prod = host_.reg(reg::EVENTQ_PROD);
    const unsigned queue = some_queue();
    uint32_t cons = host_.reg(reg::EVENTQ_CONS);
    while ((cons & mask) != (prod & mask)) {
        const uint64_t at =
            device_under_test::evtq_base + 32 * (cons & ones(reentry_host::evtq_log2));
        const event e = event::decode(host_.mem.load_image<4>(at));
        if (e.stall && !commands_.submit(queue, cmd_resume(e.sid, e.stag, action)))
            break; // the record stays until there is room for its answer
        cons = (cons + 1) & mask;
    }
    host_.write(reg::EVENTQ_CONS, (cons & mask) | (prod & reg::EVENTQ_OVERFLOW));
}

void reentry_run::read_requests()
{
    host_.write(reg::PRIQ_CONS, host_.reg(reg::PRIQ_PROD));
}

void reentry_run::acknowledge_errors()
{
    if (in_.coin())
        host_.write(reg::DPT_CFG_FAR, 0, 8);
    host_.write(reg::GERRORN, host_.reg(reg::GERROR));
    commands_.acknowledge_error(some_queue());
}

// --- what bytes do -------------------------------------------------------------------------------

void reentry_run::client()
{
    smmu_txn txn{};
    const uint64_t flags = in_.bits(8);
    txn.addr = reentry_clients::address(static_cast<unsigned>(in_.bits(2))) + (flags & 0xf);
    txn.sid =
        reentry_clients::first_sid + static_cast<uint32_t>(in_.below(reentry_clients::streams));
    txn.write = (flags & 0x10) != 0;
    txn.translated = (flags & 0xe0) == 0 || (txn.sid == reentry_clients::dpt_sid && (flags & 0x80));
    if (txn.translated)
        txn.addr = reentry_dpt::address(static_cast<unsigned>(in_.below(reentry_dpt::pages)));
    txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER};
    clients_.start(static_cast<unsigned>(in_.below(reentry_clients::slots)), txn);
}

void reentry_run::endpoint()
{
    if (in_.coin()) {
        smmu_page_request r{};
        r.sid = reentry_clients::first_sid;
        r.addr = reentry_clients::address(0);
        r.r = true;
        r.last = in_.coin();
        host_.spawn([this, r] { smmu_request_page(host_.smmu(), &r); }, true);
        return;
    }
    smmu_ats_request r{};
    r.sid = in_.coin() ? reentry_clients::dpt_sid : reentry_clients::first_sid;
    r.addr = reentry_clients::address(static_cast<unsigned>(in_.bits(2)));
    r.nw = in_.coin();
    r.stus = 1;
    clients_.request_translation(r);
}

void reentry_run::hint()
{
    if (!in_.one_in(4))
        return;
    smmu_page_hint h{};
    h.sid = reentry_clients::first_sid;
    h.pages = 1;
    h.user = SMMU_PERM_R;
    host_.spawn([this, h] { smmu_hint_pages(host_.smmu(), &h); }, true);
}

void reentry_run::memory()
{
    const auto stream = static_cast<unsigned>(in_.below(reentry_clients::streams));
    const auto page = static_cast<unsigned>(in_.bits(2));
    if (in_.coin())
        clients_.unmap(stream, page);
    else
        clients_.move(stream, page, in_.coin());
    if (in_.coin())
        invalidate();
}

void reentry_run::permissions()
{
    const auto page = static_cast<unsigned>(in_.below(reentry_dpt::pages));
    dpt_.set(page, static_cast<reentry_dpt::access>(in_.below(reentry_dpt::kinds_of_access)));
    if (in_.coin())
        invalidate_dpt(page);
}

void reentry_run::use_atos()
{
    host_.write(GATOS_SID, reentry_clients::first_sid, 8);
    host_.write(GATOS_ADDR,
                reentry_clients::address(static_cast<unsigned>(in_.bits(2))) | 1u << 10 | 1u << 8,
                8);
    host_.write(GATOS_CTRL, 1);
}

void reentry_run::write_registers()
{
    switch (in_.below(16)) {
    case 0:
        enable(cr0_all & ~(in_.coin() ? reg::CR0_DPT_WALK_EN : reg::CR0_ATSCHK));
        break;
    case 1:
    case 2:
        enable(static_cast<uint32_t>(in_.bits(5)) | (in_.coin() ? reg::CR0_DPT_WALK_EN : 0u));
        break;
    case 3:
        enable(cr0_all & ~(1u << in_.bits(2)));
        break;
    case 4:
        host_.write(reg::IRQ_CTRL, in_.bits(3));
        break;
    case 5:
        host_.write(reg::GBPA, reg::GBPA_UPDATE | in_.bits(1) * reg::GBPA_ABORT);
        break;
    case 6:
        acknowledge_errors();
        break;
    case 7:
        use_ecmdq();
        break;
    case 8:
        use_atos();
        break;
    default: // little happens while something is off
        enable(cr0_all);
        break;
    }
}

void reentry_run::use_ecmdq()
{
    commands_.enable(some_queue(), !in_.one_in(4));
}

void reentry_run::enable(uint32_t cr0)
{
    host_.write(reg::CR0, cr0);
}

void reentry_run::command_some()
{
    const unsigned queue = some_queue();
    switch (in_.below(6)) {
    case 0:
        commands_.submit(
            queue, cmd_stall_term(reentry_clients::first_sid +
                                  static_cast<uint32_t>(in_.below(reentry_clients::streams))));
        break;
    case 1:
        commands_.submit(queue, cfgi_all());
        break;
    case 2:
        commands_.submit(queue, cmd_atc_inv({}));
        break;
    case 3:
        commands_.submit(queue, cmd_pri_resp(reentry_clients::first_sid, 0, 2));
        break;
    case 4:
        commands_.submit(queue,
                         cmd_resume(reentry_clients::first_sid +
                                        static_cast<uint32_t>(in_.below(reentry_clients::streams)),
                                    static_cast<unsigned>(in_.bits(2)), resume_action::retry));
        break;
    default:
        invalidate();
        break;
    }
}

// The calls under way are not waited for: only what is begun later is held against it.
void reentry_run::broadcast()
{
    const bool alone = host_.idle();
    host_.spawn(
        [smmu = host_.smmu()] {
            smmu_dvm dvm{};
            dvm.op = SMMU_DVM_ALL;
            smmu_broadcast_tlbi(smmu, &dvm);
        },
        false);
    if (alone) {
        host_.step(0, false, false); // as far as the wait that follows the invalidation
        clients_.invalidated(clients_.now());
    }
}

void reentry_run::answer_events()
{
    read_events(static_cast<resume_action>(in_.below(3)));
}

void reentry_run::lose()
{
    if (in_.one_in(4))
        clients_.lose(static_cast<unsigned>(in_.below(reentry_clients::slots)));
}

void reentry_run::work()
{
    host_.start_work(1 + static_cast<unsigned>(in_.below(most_runs)));
}

// A call that was not asked for: it does what others are not at, if anything.
void reentry_run::work_twice()
{
    if (in_.one_in(4))
        host_.spawn([this] { smmu_run(host_.smmu()); }, false);
}

// A call goes some way, or several do in turn. What fails or is killed is the last step alone: most
// calls take dozens.
void reentry_run::step()
{
    const uint64_t which = in_.bits(8), flags = in_.bits(8);
    for (uint64_t more = in_.bits(4); more > 0; --more) {
        host_.step(which, false, false);
        observe();
    }
    host_.step(which, rough_ && (flags & 0x0f) == 0, rough_ && (flags & 0xf0) == 0);
}

void reentry_run::reset()
{
    if (!in_.one_in(8))
        return;
    host_.reset();
    clients_.translation_ended();
    clients_.invalidated(clients_.now());
    dpt_.invalidated(dpt_.now());
    bring_up();
}

void reentry_run::act()
{
    static const struct {
        unsigned weight; // of 34
        void (reentry_run::*action)();
    } rows[] = {{1, &reentry_run::reset},
                {1, &reentry_run::broadcast},
                {1, &reentry_run::read_requests},
                {2, &reentry_run::answer_events},
                {2, &reentry_run::write_registers},
                {1, &reentry_run::command_some},
                {1, &reentry_run::memory},
                {2, &reentry_run::permissions},
                {1, &reentry_run::endpoint},
                {1, &reentry_run::hint},
                {1, &reentry_run::work_twice},
                {1, &reentry_run::lose},
                {3, &reentry_run::client},
                {3, &reentry_run::work},
                {13, &reentry_run::step}};
    uint64_t chosen = in_.below(34);
    for (const auto &row : rows) {
        if (chosen < row.weight) {
            (this->*row.action)();
            break;
        }
        chosen -= row.weight;
    }
    observe();
}

// --- what must hold after each step --------------------------------------------------------------

void reentry_run::observe_atos()
{
    const bool runs = host_.reg(GATOS_CTRL) != 0;
    check(!runs || host_.enabled(reg::CR0_SMMUEN), "GATOS_CTRL.RUN with SMMUEN == 0");
    const uint64_t par = host_.reg(GATOS_PAR) | uint64_t{host_.reg(GATOS_PAR + 4)} << 32;
    if (atos_ran_ && !runs && !(par & 1) && par != 0)
        clients_.check_output(0, address_bits(par, 55, 12));
    atos_ran_ = runs;
}

void reentry_run::observe()
{
    commands_.observe();
    dpt_.observe();
    observe_atos();
    const bool enabled = host_.enabled(reg::CR0_SMMUEN);
    if (was_enabled_ && !enabled)
        clients_.translation_ended();
    was_enabled_ = enabled;
    clients_.check_rooms();
}

// --- the end -------------------------------------------------------------------------------------

bool reentry_run::settled() const
{
    return host_.idle() && clients_.all_idle() && host_.reg(reg::CR0) == cr0_all &&
           host_.reg(reg::CR0ACK) == cr0_all && commands_.settled();
}

// Nothing fails any more, and software does all that is its to do, and writes no register without
// need: what nobody asks the SMMU to look at again would stay as it is.
void reentry_run::settle()
{
    for (unsigned round = 0; round < 2000 && !settled(); ++round) {
        if (host_.reg(reg::GERROR) != host_.reg(reg::GERRORN))
            acknowledge_errors();
        if (host_.reg(reg::CR0) != cr0_all)
            enable(cr0_all);
        commands_.settle();
        if (host_.reg(reg::EVENTQ_CONS) != host_.reg(reg::EVENTQ_PROD))
            read_events(resume_action::terminate_abort);
        if (host_.reg(reg::PRIQ_CONS) != host_.reg(reg::PRIQ_PROD))
            read_requests();
        for (unsigned slot = 0; slot < reentry_clients::slots; ++slot)
            clients_.retry(slot);
        host_.start_work(1 + round % most_runs);
        while (host_.step(round, false, false))
            observe();
        check(host_.idle(), "calls wait for each other");
        check(host_.slots_taken() == 0, "a slot is not given back");
        observe();
    }
    check(settled(), "something never comes to an end");
}

// Nothing is under way: after an invalidation the DPT's word is the last.
void reentry_run::check_dpt()
{
    commands_.maintain(0, dpti_all(), false, [this, now = dpt_.now()] { dpt_.invalidated(now); });
    finish_work();
    for (unsigned page = 0; page < reentry_dpt::pages; ++page)
        for (const bool write : {false, true}) {
            smmu_txn txn{};
            txn.addr = reentry_dpt::address(page);
            txn.sid = reentry_clients::dpt_sid;
            txn.write = write;
            txn.translated = true;
            smmu_result result{};
            host_.spawn([&] { smmu_translate(host_.smmu(), &txn, &result); }, true);
            finish_work();
            dpt_.check_exactly(txn.addr, write, result.outcome == SMMU_FORWARD);
        }
}

void reentry_run::finish_work()
{
    host_.start_work();
    while (host_.step(0, false, false))
        observe();
}

void reentry_run::check_acknowledged()
{
    finish_work(); // Updates that are still asked for: a field in transition takes no other value
    enable(0);
    for (unsigned queue = 0; queue < reentry_commands::queues; ++queue)
        commands_.enable(queue, false);
    host_.write(reg::IRQ_CTRL, 0);
    host_.write(reg::GBPA, reg::GBPA_UPDATE);
    finish_work();
    check(host_.reg(reg::CR0ACK) == 0, "CR0ACK does not follow");
    check(host_.reg(reg::IRQ_CTRLACK) == 0, "IRQ_CTRLACK does not follow");
    check(!(host_.reg(reg::GBPA) & reg::GBPA_UPDATE), "GBPA.Update stays");
    check(host_.reg(GATOS_CTRL) == 0, "GATOS_CTRL.RUN stays");
    check(commands_.all_disabled(), "ECMDQ_CONS.ENACK does not follow");
}

void reentry_run::run()
{
    while (!in_.empty())
        act();
    settle();
    check_dpt();
    check_acknowledged();
}

} // namespace

reentry_counts fuzz_reentry(const uint8_t *data, size_t size)
{
    reentry_run run(data, size);
    run.run();
    const reentry_clients::counts &seen = run.seen();
    const auto &on = seen.translated, &by_ats = seen.granted_by_ats;
    return {on[0],          on[1],         on[2],           on[3],
            by_ats.front(), by_ats.back(), seen.dpt_passed, seen.dpt_refused};
}
