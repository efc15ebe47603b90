// SPDX-License-Identifier: Apache-2.0
// The translation control unit: see smmu/tlm/tcu.hpp.
#include "smmu/tlm/tcu.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "errors.hpp"
#include "pipeline.hpp"
#include "prefetcher.hpp"
#include "slots.hpp"
#include "spend.hpp"
#include "stalled_transactions.hpp"
#include "tcu_host.hpp"
#include "tcu_link.hpp"
#include "unit_times.hpp"
#include "walk_port.hpp"

namespace smmu {

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
        links_.push_back(std::make_unique<tbu_link>(*this, i));
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
        measured->done.requests++;
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
        ++(found ? measured->done.tbu_tlb_hits : measured->done.tbu_tlb_misses);
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

// A prefetch from its begin to its end, however it ends.
struct tcu_base::prefetching {
    tcu_base &tcu;
    std::multiset<std::uint64_t>::iterator place;

    explicit prefetching(tcu_base &owner)
        : tcu(owner), place(owner.prefetches_.insert(owner.generation()))
    {
    }
    ~prefetching()
    {
        tcu.prefetches_.erase(place);
        tcu.drained_.notify(sc_core::SC_ZERO_TIME);
    }
    prefetching(const prefetching &) = delete;
    prefetching &operator=(const prefetching &) = delete;
};

// What it takes is nobody's delay.
void tcu_base::prefetch(smmu_prefetch_request what)
{
    const prefetching under_way(*this);
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
        const sc_dt::uint64 begin = sc_core::sc_time_stamp().value();
        smmu_run(smmu_.get());
        const std::uint64_t consumed = stats().commands - paced_;
        paced_ += consumed;
        const bool timeless = begin == sc_core::sc_time_stamp().value();
        pace_.step(timeless ? std::max<std::uint64_t>(1, consumed) : 1);
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
// that is killed leaves older transactions in the counter that the next is to use for arrivals. Of
// prefetches it waits for those alone that an invalidation has ended: they may be in the middle of
// a walk (IHI 0070 3.21.1, 4.8).
void tcu_base::drain()
{
    const std::lock_guard<sc_core::sc_mutex> turn(draining_);
    const std::uint64_t invalidated = generation();
    pass(2 * timing_.link);
    std::uint64_t *const older = arrivals_;
    std::uint64_t *const newer = &under_way_[older == under_way_ ? 1 : 0];
    while (*newer != 0)
        wait(drained_);
    arrivals_ = newer;
    while (*older != 0)
        wait(drained_);
    while (!prefetches_.empty() && *prefetches_.begin() < invalidated)
        wait(drained_);
}

bool tcu_base::busy() const
{
    return under_way_[0] + under_way_[1] + page_requests_ != 0 || prefetcher_->busy() ||
           std::any_of(links_.begin(), links_.end(),
                       [](const auto &link) { return link->tbu && link->tbu->holds_answers(); });
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
