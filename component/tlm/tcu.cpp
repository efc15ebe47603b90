// SPDX-License-Identifier: Apache-2.0
// The translation control unit: see smmu/tlm/tcu.hpp.
#include "smmu/tlm/tcu.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "errors.hpp"
#include "pipeline.hpp"
#include "prefetcher.hpp"
#include "slots.hpp"
#include "smmu/tlm/register_word.hpp"
#include "spend.hpp"
#include "stalled_transactions.hpp"
#include "unit_times.hpp"
#include "walk_port.hpp"

namespace smmu {

namespace {

// What event 0 of counter groups counts.
sc_core::sc_time pmcg_cycle(const timing &times)
{
    return times.pmcg_cycle == sc_core::SC_ZERO_TIME ? sc_core::sc_time(1, sc_core::SC_NS)
                                                     : times.pmcg_cycle;
}

} // namespace

// The way between a TBU and the TCU, which Root Complexes behind the TBU take too.
struct tcu_base::tbu_link final : ats_server {
    tcu_base &tcu;
    tbu_interface *tbu = nullptr; // until one attaches itself
    slots tokens;
    pipeline requests;

    explicit tbu_link(tcu_base &owner)
        : tcu(owner), tokens(owner.timing_.limit(&timing::link_tokens))
    {
    }

    // A request and its answer; `service` is what the TCU does in between.
    template <typename F> void round_trip(call_context &call, F service)
    {
        const timing &times = tcu.timing_;
        const held_slot token(tokens);
        const sc_core::sc_time wait = turn(times, requests, times.link_cycle, *call.delay);
        if (call.split) {
            call.split->passed(latency_part::token_wait);
            call.split->ahead(latency_part::link_wait, wait);
            call.split->ahead(latency_part::link, times.link);
        }
        spend(times, wait + times.link, *call.delay);
        service();
        if (call.split) {
            call.split->passed(latency_part::record); // a turn at a queue that came to nothing
            call.split->ahead(latency_part::link, times.link);
        }
        spend(times, times.link, *call.delay);
    }

    // The same of a Root Complex, which may be ahead of time.
    template <typename F> void root_request(sc_core::sc_time &delay, F service)
    {
        spend(tcu.timing_, sc_core::SC_ZERO_TIME, delay);
        call_context call = {&delay, false};
        round_trip(call, [&] { service(call); });
    }

    // A request in progress counts as a transaction under way: what it is answered must not be
    // stale once a CMD_SYNC has completed.
    void translate(smmu_ats_request request, smmu_ats_completion &completion,
                   sc_core::sc_time &delay) override
    {
        const transit in_transit(tcu);
        root_request(delay, [&](call_context &call) {
            const held_slot slot(*tcu.slots_);
            request.cookie = &call;
            smmu_ats_translate(tcu.smmu_.get(), &request, &completion);
            request.cookie = nullptr; // the context ends here
        });
    }

    void request_page(smmu_page_request request, sc_core::sc_time &delay) override
    {
        root_request(delay, [&](call_context &call) {
            request.cookie = &call;
            smmu_request_page(tcu.smmu_.get(), &request);
            request.cookie = nullptr; // the context ends here
        });
    }

    void hint_pages(smmu_page_hint hint, sc_core::sc_time &delay) override
    {
        root_request(delay, [&](call_context &call) {
            hint.cookie = &call;
            smmu_hint_pages(tcu.smmu_.get(), &hint);
            hint.cookie = nullptr; // the context ends here
        });
    }
};

// Registers as addresses reach them: the SMMU's own, or a page of a counter group.
class tcu_base::frame {
  public:
    explicit frame(smmu_t *smmu) : smmu_(smmu), size_(smmu_frame_size(smmu_get_config(smmu))) {}
    frame(smmu_t *smmu, unsigned group, std::uint32_t page)
        : smmu_(smmu), size_(SMMU_PMCG_PAGE_SIZE), of_group_(true), group_(group), page_(page)
    {
    }

    smmu_reg_status read(std::uint32_t offset, unsigned bytes, std::uint64_t &value) const
    {
        return of_group_ ? smmu_pmcg_read(smmu_, group_, page_ + offset, bytes, &value)
                         : smmu_reg_read(smmu_, offset, bytes, &value);
    }

    smmu_reg_status write(std::uint32_t offset, unsigned bytes, std::uint64_t value) const
    {
        return of_group_ ? smmu_pmcg_write(smmu_, group_, page_ + offset, bytes, value)
                         : smmu_reg_write(smmu_, offset, bytes, value);
    }

    // What an access does.
    tlm::tlm_response_status access(const tlm::tlm_generic_payload &payload,
                                    register_word &word) const
    {
        if (word.status() != tlm::TLM_OK_RESPONSE)
            return word.status();
        if (word.address() >= size_)
            return tlm::TLM_ADDRESS_ERROR_RESPONSE;

        const auto offset = static_cast<std::uint32_t>(word.address());
        smmu_reg_status status = SMMU_REG_OK;
        if (payload.is_write()) {
            status = write(offset, word.size(), word.load());
        } else {
            std::uint64_t value = 0;
            status = read(offset, word.size(), value);
            if (status == SMMU_REG_OK)
                word.store(value);
        }
        return status == SMMU_REG_OK ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
    }

    // What an access of a debugger does; returns the bytes that it has moved.
    unsigned debug(tlm::tlm_generic_payload &payload) const
    {
        if (payload.is_write()) {
            register_word word = register_word::of_debugger(payload);
            return access(payload, word) == tlm::TLM_OK_RESPONSE ? word.size() : 0;
        }
        if (!payload.is_read())
            return 0;
        unsigned done = 0;
        for (; done < payload.get_data_length(); done++) {
            const std::uint64_t offset = payload.get_address() + done;
            std::uint64_t word = 0;
            if (offset >= size_ ||
                read(static_cast<std::uint32_t>(offset) & ~3u, 4, word) != SMMU_REG_OK)
                break;
            payload.get_data_ptr()[done] = static_cast<unsigned char>(word >> (8 * (offset & 3)));
        }
        return done;
    }

  private:
    smmu_t *smmu_;
    std::uint64_t size_;
    bool of_group_ = false;
    unsigned group_ = 0;
    std::uint32_t page_ = 0;
};

// The ops of the core's host, answered by the tcu_base that `user` is.
struct tcu_base::host {
    static tcu_base &self(void *user) { return *static_cast<tcu_base *>(user); }

    static smmu_mem_status read(void *user, const smmu_mem_req *request, void *data)
    {
        return self(user).port_->access(tlm::TLM_READ_COMMAND, *request,
                                        static_cast<unsigned char *>(data));
    }

    static smmu_mem_status write(void *user, const smmu_mem_req *request, const void *data)
    {
        // The payload has one data pointer for both directions; a write only reads through it.
        return self(user).port_->access(
            tlm::TLM_WRITE_COMMAND, *request,
            const_cast<unsigned char *>(static_cast<const unsigned char *>(data)));
    }

    static smmu_mem_status cas(void *user, const smmu_mem_req *request, const void *expected,
                               const void *value, void *old)
    {
        compare_and_swap swap;
        std::memcpy(swap.expected, expected, sizeof swap.expected);
        std::memcpy(swap.value, value, sizeof swap.value);
        return self(user).port_->update(*request, swap, static_cast<unsigned char *>(old));
    }

    static void irq(void *user, smmu_sec sec, smmu_irq irq)
    {
        pulse_wire *const wires[SMMU_IRQ_COUNT] = {&self(user).evtq_pulse_, &self(user).priq_pulse_,
                                                   &self(user).cmd_sync_pulse_,
                                                   &self(user).gerror_pulse_};
        if (sec == SMMU_SEC_NS)
            wires[irq]->fire();
    }

    static void pmcg_irq(void *user, unsigned group) { self(user).pmcgs_[group]->interrupt(); }

    static std::uint64_t cycles(void *user) { return self(user).cycles(); }

    static void sev(void *user) { self(user).sev_pulse_.fire(); }

    static void resume(void *user, smmu_stall *stall, smmu_resume action)
    {
        self(user).stalled_->resume(stall, action);
    }

    static void drain(void *user) { self(user).drain(); }

    static void atc_inv(void *user, const smmu_atc_inv *inv) { self(user).invalidate_atcs(*inv); }

    static bool atc_sync(void *user, std::uint32_t queue)
    {
        return self(user).wait_invalidated(queue);
    }

    static void prg_response(void *user, const smmu_prg_response *response)
    {
        self(user).send_response(*response);
    }

    static void defer(void *user)
    {
        self(user).rung_++;
        self(user).wake_.notify(sc_core::SC_ZERO_TIME);
    }

    static void lock(void *user) { self(user).mutex_.lock(); }
    static void unlock(void *user) { self(user).mutex_.unlock(); }

    static void use(void *user, const smmu_use *use)
    {
        const call_context *call = static_cast<const call_context *>(use->cookie);
        self(user).units_->use(*use, call ? call->delay : nullptr, call ? call->split : nullptr);
    }

    static void release(void *user, const smmu_use *use) { self(user).units_->release(*use); }

    static void prefetch(void *user, const smmu_prefetch_request *what)
    {
        self(user).prefetcher_->add(*what);
    }

    static bool spare(void *user, smmu_unit unit, bool held)
    {
        return self(user).units_->spare(unit, held);
    }

    static void inval(void *user, const smmu_inval *inval)
    {
        for (const auto &link : self(user).links_)
            if (link->tbu)
                link->tbu->invalidate(*inval);
    }

    static void observe(void *user, const smmu_observation *seen) { self(user).observer_(*seen); }

    static smmu_ops ops(std::uint32_t units, bool observed)
    {
        smmu_ops table = {};
        table.read = read;
        table.write = write;
        table.cas = cas;
        table.irq = irq;
        table.pmcg_irq = pmcg_irq;
        table.cycles = cycles;
        table.sev = sev;
        table.defer = defer;
        table.lock = lock;
        table.unlock = unlock;
        table.resume = resume;
        table.drain = drain;
        table.atc_inv = atc_inv;
        table.atc_sync = atc_sync;
        table.prg_response = prg_response;
        table.use = use;
        table.release = release;
        table.prefetch = prefetch;
        table.spare = spare;
        table.units = units;
        table.inval = inval;
        table.observe = observed ? observe : nullptr;
        return table;
    }
};

tcu_base::tcu_base(const sc_core::sc_module_name &module_name, const smmu_config &cfg,
                   const timing &times, observer seen)
    : sc_module(module_name), timing_(times), observer_(std::move(seen)),
      port_(std::make_unique<walk_port>(
          timing_, [this]() -> tlm::tlm_fw_transport_if<> & { return memory(); })),
      units_(std::make_unique<unit_times>(timing_)),
      prefetcher_(std::make_unique<prefetcher>(
          [this](const smmu_prefetch_request &what) { prefetch(what); })),
      slots_(std::make_unique<slots>(timing_.limit(&timing::tcu_slots))),
      evtq_pulse_("evtq_pulse", irq_evtq, times.irq_pulse),
      priq_pulse_("priq_pulse", irq_priq, times.irq_pulse),
      cmd_sync_pulse_("cmd_sync_pulse", irq_cmd_sync, times.irq_pulse),
      gerror_pulse_("gerror_pulse", irq_gerror, times.irq_pulse),
      sev_pulse_("sev_pulse", sev, times.irq_pulse),
      stalled_(std::make_unique<stalled_transactions>())
{
    smmu_error error = {};
    const smmu_ops ops = host::ops(units_->watched(), static_cast<bool>(observer_));
    smmu_.reset(smmu_create(&cfg, &ops, this, &error));
    if (!smmu_)
        refuse(host_error::config, std::string(name()) + ": " + error.field + ": " + error.reason);

    const unsigned tbus = smmu_get_config(smmu_.get())->tbus;
    ats_.init(tbus);
    for (unsigned i = 0; i < tbus; i++) {
        links_.push_back(std::make_unique<tbu_link>(*this));
        ats_[i](*links_[i]);
    }
    broadcast.bind(*this);
    SC_HAS_PROCESS(tcu_base);
    SC_THREAD(work);
    SC_METHOD(hire);
    sensitive << short_of_workers_;
    dont_initialize();
    SC_METHOD(deliver_response);
    sensitive << response_arrives_;
    dont_initialize();
    SC_METHOD(advance_clock);
    sensitive << clock_due_;
    dont_initialize();
}

tcu_base::~tcu_base() = default;

void tcu_base::end_of_elaboration()
{
    if (!reset_in.size())
        return;
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&reset_in->posedge_event());
    sc_core::sc_spawn([this] { reset(); }, "reset_edge", &options);
}

unsigned tcu_base::attach(tbu_interface &unit)
{
    if (attached_ == links_.size())
        refuse(host_error::tbus, std::string(name()) + ": more TBUs than smmu_config.tbus");
    links_[attached_]->tbu = &unit;
    if (measurement_)
        unit.measure(*measurement_);
    return attached_++;
}

sc_core::sc_export<ats_server> &tcu_base::ats(unsigned number)
{
    if (number >= ats_.size())
        no_port(number);
    return ats_[number];
}

unsigned tcu_base::attach(pmcg_interface &group, const smmu_pmcg_config &cfg, const char *module)
{
    smmu_error error = {};
    const int number = smmu_pmcg_add(smmu_.get(), &cfg, &error);
    if (number < 0)
        refuse(host_error::config, std::string(module) + ": " + error.field + ": " + error.reason);
    pmcgs_.push_back(&group);
    return static_cast<unsigned>(number);
}

void tcu_base::no_port(unsigned number) const
{
    refuse(host_error::port, std::string(name()) + ": no device port " + std::to_string(number));
}

measurement &tcu_base::measure()
{
    if (measurement_)
        return *measurement_;
    const auto tbus = static_cast<unsigned>(links_.size());
    measurement_ = std::make_unique<measurement>(tbus, timing_, stats());
    slots_->measure(measurement_->level_of(tcu_level::requests));
    units_->measure(*measurement_);
    port_->measure(measurement_->level_of(tcu_level::accesses));
    for (unsigned i = 0; i < tbus; i++) {
        links_[i]->tokens.measure(measurement_->level_of(i, tbu_level::tokens));
        if (links_[i]->tbu)
            links_[i]->tbu->measure(*measurement_);
    }
    return *measurement_;
}

// There and back. While a transaction stalls it takes neither a token nor a slot: others get by.
void tcu_base::serve(const smmu_txn &txn, call_context &call, transaction_record *measured,
                     smmu_result &result)
{
    if (measured)
        measured->count(transaction_count::requests);
    links_[txn.tbu]->round_trip(call, [&] {
        const held_slot slot(*slots_);
        if (call.split)
            call.split->passed(latency_part::tcu_slot_wait);
        smmu_translate(smmu_.get(), &txn, &result);
    });
}

void tcu_base::request(smmu_txn txn, transit &in_transit, sc_core::sc_time &delay,
                       smmu_result &result)
{
    transaction_record *const measured = in_transit.measured_;
    call_context call = {&delay, false, measured ? &measured->split : nullptr};
    txn.cookie = &call;
    const bool found = smmu_look_up_tlb(smmu_.get(), &txn, &result);
    if (measured && config().tbu_tlb.sets != 0)
        measured->count(found ? transaction_count::tbu_tlb_hits
                              : transaction_count::tbu_tlb_misses);
    if (found)
        return;
    stalled_transactions::place place(*stalled_, smmu_.get());
    txn.stall = place.stall();
    txn.looked_up = true;
    txn.retried = false;
    for (;;) {
        serve(txn, call, measured, result);
        if (result.outcome != SMMU_STALLED)
            break;
        in_transit.stall();
        const smmu_resume action = place.wait(delay);
        if (call.split)
            call.split->passed(latency_part::stall);
        in_transit.enter();
        txn.retried = action == SMMU_RESUME_RETRY;
        if (txn.retried) {
            if (call.split)
                call.split->ahead(latency_part::utlb, timing_.lookup);
            spend(timing_, timing_.lookup, delay);
            continue;
        }
        result.outcome = action == SMMU_RESUME_ABORT ? SMMU_ABORT : SMMU_RAZWI;
        break;
    }
    place.answered();
}

// CMD_SYNC waits for its walks as for others. What it takes is nobody's delay.
void tcu_base::prefetch(smmu_prefetch_request what)
{
    const transit in_transit(*this);
    sc_core::sc_time delay;
    call_context call = {&delay, false};
    what.cookie = &call;
    smmu_prefetch(smmu_.get(), &what);
}

void tcu_base::probe(smmu_txn txn, smmu_result &result)
{
    call_context call = {nullptr, true};
    txn.cookie = &call;
    txn.stall = nullptr;
    smmu_probe(smmu_.get(), &txn, &result);
}

// A background process: smmu_run() whenever the core asked for it since the last one began. One
// that consumes nothing is a step as well.
void tcu_base::work()
{
    idle_workers_++;
    for (;;) {
        while (served_ == rung_)
            wait(wake_);
        served_ = rung_;
        if (--idle_workers_ == 0)
            short_of_workers_.notify();
        smmu_run(smmu_.get());
        const std::uint64_t consumed = stats().commands - paced_;
        paced_ += consumed;
        pace_.step(std::max<std::uint64_t>(1, consumed));
        idle_workers_++;
    }
}

// While a run waits at an Enhanced Command queue another can be at work on others. Processes are
// made as they are needed, by none that may be killed with its descendants.
void tcu_base::hire()
{
    const smmu_config &cfg = *smmu_get_config(smmu_.get());
    const unsigned limit = timing_.limit(&timing::command_queues);
    const unsigned queues =
        cfg.ecmdq ? 1 + (1u << (cfg.ecmdq_log2_pages + cfg.ecmdq_log2_queues)) : 1;
    if (workers_ == (limit == 0 ? queues : std::min(queues, limit)))
        return;
    workers_++;
    sc_core::sc_spawn([this] { work(); }, sc_core::sc_gen_unique_name("worker"));
}

// A message to the TBUs, and their answer. One at a time: commands and CPUs may wait at once. One
// that is killed leaves older transactions in the counter that the next is to use for arrivals.
void tcu_base::drain()
{
    const std::lock_guard<sc_core::sc_mutex> turn(draining_);
    pass(2 * timing_.link);
    while (under_way_[1 - generation_] != 0)
        wait(drained_);
    const unsigned older = generation_;
    generation_ = 1 - generation_;
    while (under_way_[older] != 0)
        wait(drained_);
}

void tcu_base::tlbi(const smmu_dvm &dvm)
{
    smmu_broadcast_tlbi(smmu_.get(), &dvm);
}

void tcu_base::dsb()
{
    drain();
}

// A message to the Root Complexes, and their receipt, before the next command.
void tcu_base::invalidate_atcs(const smmu_atc_inv &inv)
{
    if (ats_clients.size() == 0)
        return;
    atcs_invalidated_.insert(inv.queue);
    pass(timing_.link);
    for (int i = 0; i < ats_clients.size(); i++)
        ats_clients[i]->invalidate(inv);
    pass(timing_.link);
}

// Root Complexes are asked, and answer, if there is something to complete.
bool tcu_base::wait_invalidated(std::uint32_t queue)
{
    const sc_core::sc_time way =
        atcs_invalidated_.erase(queue) != 0 ? timing_.link : sc_core::SC_ZERO_TIME;
    bool done = true;
    pass(way);
    for (int i = 0; i < ats_clients.size(); i++)
        done = ats_clients[i]->wait_invalidated(queue) && done;
    pass(way);
    return done;
}

// In a loosely-timed model it arrives at once: there is no delay to add to.
void tcu_base::send_response(const smmu_prg_response &response)
{
    responses_.push_back(response);
    if (timing_.mode == timing_mode::approximately_timed && timing_.link != sc_core::SC_ZERO_TIME)
        response_arrives_.notify(timing_.link);
    else
        deliver_response();
}

// The oldest, as all take as long.
void tcu_base::deliver_response()
{
    const smmu_prg_response response = responses_.front();
    responses_.pop_front();
    for (int i = 0; i < ats_clients.size(); i++)
        ats_clients[i]->respond(response);
}

void tcu_base::access(const frame &registers, tlm::tlm_generic_payload &payload,
                      sc_core::sc_time &delay)
{
    spend(timing_, timing_.register_access, delay);
    const std::uint64_t rung_before = rung_;
    register_word word(payload);
    ahead_ = delay;
    payload.set_response_status(registers.access(payload, word));
    advance_clock();
    ahead_ = sc_core::SC_ZERO_TIME;
    if (rung_ == rung_before)
        return;

    wake_.cancel(); // not before the write has taken its time
    pass(delay);
    delay = sc_core::SC_ZERO_TIME;
    wake_.notify();
    sc_core::wait(sc_core::SC_ZERO_TIME);
}

void tcu_base::prog_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    access(frame(smmu_.get()), payload, delay);
}

unsigned tcu_base::prog_transport_dbg(tlm::tlm_generic_payload &payload)
{
    return frame(smmu_.get()).debug(payload);
}

void tcu_base::pmcg_b_transport(unsigned number, std::uint32_t page,
                                tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    access(frame(smmu_.get(), number, page), payload, delay);
}

unsigned tcu_base::pmcg_transport_dbg(unsigned number, std::uint32_t page,
                                      tlm::tlm_generic_payload &payload)
{
    const unsigned done = frame(smmu_.get(), number, page).debug(payload);
    advance_clock();
    return done;
}

// The clock of counter groups.
std::uint64_t tcu_base::cycles() const
{
    return (sc_core::sc_time_stamp() + ahead_).value() / pmcg_cycle(timing_).value();
}

// Counters of clock cycles are brought up to date, and again when the next of them overflows,
// unless that is beyond all time.
void tcu_base::advance_clock()
{
    const std::uint64_t due = smmu_pmcg_clock(smmu_.get());
    clock_due_.cancel();
    if (due == 0)
        return;
    const std::uint64_t cycle = pmcg_cycle(timing_).value();
    const std::uint64_t last = sc_core::sc_max_time().value() / cycle;
    const std::uint64_t now = cycles();
    if (now < last && due <= last - now)
        clock_due_.notify(sc_core::sc_time::from_value((now + due) * cycle) -
                          sc_core::sc_time_stamp());
}

tlm::tlm_sync_enum tcu_base::walk_nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                  tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return port_->nb_transport_bw(payload, phase, delay);
}

void tcu_base::walk_invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    port_->invalidate(start, end);
}

template class basic_tcu<32>;

} // namespace smmu
