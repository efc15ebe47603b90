// SPDX-License-Identifier: Apache-2.0
// Connects the timing of a DRAM to its socket, its bytes and simulated time.
#include "dram_memory.hpp"

#include <new>
#include <stdexcept>
#include <string>

#include "smmu/tlm/attributes.hpp"
#include "vp/picoseconds.hpp"

namespace vp {

namespace {

std::uint64_t now()
{
    return to_ps(sc_core::sc_time_stamp());
}

dram *create(const dram_config &config, std::uint64_t size)
{
    dram_error error = {};
    if (!dram_config_check(&config, &error))
        throw std::invalid_argument(std::string(error.field) + " " + error.reason);
    dram *const core = dram_create(&config, size);
    if (core == nullptr)
        throw std::bad_alloc();
    return core;
}

} // namespace

// A transaction in the DRAM. One that goes beyond the memory ends in the controller.
struct dram_memory::access {
    access(tlm::tlm_generic_payload &trans, std::uint64_t size) : payload(&trans)
    {
        const auto *attributes = trans.get_extension<smmu::attributes>();
        const bool inside =
            trans.get_address() < size && trans.get_data_length() <= size - trans.get_address();
        txn.address = trans.get_address();
        if (inside && (trans.is_read() || trans.is_write()))
            txn.bytes = trans.get_data_length();
        txn.write = trans.is_write();
        txn.ordered = attributes != nullptr;
        txn.stream = attributes ? attributes->sid : 0;
        txn.id = attributes ? attributes->id : 0;
        txn.owner = this;
    }

    dram_txn txn = {};
    tlm::tlm_generic_payload *payload;
    sc_core::sc_event *responded = nullptr; // of a blocked caller
};

// One that blocks its caller, who may be killed.
class dram_memory::blocked_access : public dram_memory::access {
  public:
    blocked_access(dram_memory &owner, tlm::tlm_generic_payload &trans)
        : access(trans, owner.memory_.size()), owner_(owner)
    {
        responded = &event_;
        dram_arrive(owner.core_.get(), &txn);
        owner.wake();
    }
    ~blocked_access()
    {
        dram_forget(owner_.core_.get(), &txn);
        owner_.wake();
    }
    blocked_access(const blocked_access &) = delete;
    blocked_access &operator=(const blocked_access &) = delete;

    void wait() { sc_core::wait(event_); }

  private:
    dram_memory &owner_;
    sc_core::sc_event event_;
};

dram_memory::dram_memory(const sc_core::sc_module_name &name, std::uint64_t size,
                         const dram_config &config, bool approximate, bool direct)
    : sc_module(name), socket("socket"), approximate_(approximate), direct_(direct), memory_(size),
      core_(create(config, size)),
      read_latency_(
          from_ps(config.frontend + config.trcd + config.tcl + config.tburst + config.backend)),
      write_latency_(from_ps(config.frontend)),
      phases_("phases", *this,
              [this]() -> tlm::tlm_bw_transport_if<> & { return *socket.operator->(); })
{
    socket.register_b_transport(this, &dram_memory::b_transport);
    socket.register_nb_transport_fw(this, &dram_memory::nb_transport_fw);
    socket.register_get_direct_mem_ptr(this, &dram_memory::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &dram_memory::transport_dbg);
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&wake_);
    options.dont_initialize();
    sc_core::sc_spawn([this] { advance(); }, "advance", &options);
}

dram_memory::~dram_memory() = default;

void dram_memory::perform(tlm::tlm_generic_payload &trans)
{
    if (memory_.access(trans) && direct_)
        trans.set_dmi_allowed(true);
}

void dram_memory::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    if (!approximate_) {
        delay += trans.is_write() ? write_latency_ : read_latency_;
        perform(trans);
        return;
    }
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    blocked_access(*this, trans).wait();
}

tlm::tlm_sync_enum dram_memory::nb_transport_fw(tlm::tlm_generic_payload &trans,
                                                tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return phases_.nb_transport_fw(trans, phase, delay);
}

void dram_memory::request_arrived(tlm::tlm_generic_payload &trans)
{
    auto a = std::make_unique<access>(trans, memory_.size());
    dram_arrive(core_.get(), &a->txn);
    accesses_[&trans] = std::move(a);
    wake();
}

void dram_memory::response_taken(tlm::tlm_generic_payload &trans)
{
    accesses_.erase(&trans);
}

void dram_memory::advance()
{
    dram_step step = DRAM_ACCEPTED;

    while (const dram_txn *txn = dram_advance(core_.get(), now(), &step)) {
        const access &a = *static_cast<access *>(txn->owner);
        if (step == DRAM_ACCEPTED)
            perform(*a.payload);
        if (step == DRAM_ACCEPTED && a.responded == nullptr)
            phases_.accept(*a.payload);
        else if (step == DRAM_RESPONDED && a.responded == nullptr)
            phases_.respond(*a.payload);
        else if (step == DRAM_RESPONDED)
            a.responded->notify();
    }
    const std::uint64_t next = dram_next(core_.get());
    if (next != DRAM_NEVER)
        wake_.notify(from_ps(next - now()));
}

bool dram_memory::get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
{
    const bool granted = memory_.grant(trans.get_address(), read_latency_, dmi) && direct_;
    dmi.set_write_latency(write_latency_);
    return granted;
}

unsigned dram_memory::transport_dbg(tlm::tlm_generic_payload &trans)
{
    return memory_.debug_access(trans);
}

std::vector<device::counter> dram_memory::counters() const
{
    const dram_stats &stats = *dram_get_stats(core_.get());
    return {{"read-bursts", stats.reads},           {"write-bursts", stats.writes},
            {"row-hits", stats.row_hits},           {"row-misses", stats.row_misses},
            {"row-conflicts", stats.row_conflicts}, {"turnarounds", stats.turnarounds},
            {"refreshes", stats.refreshes},         {"waiting-ps", stats.waiting}};
}

} // namespace vp
