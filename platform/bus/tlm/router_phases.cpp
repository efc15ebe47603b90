// SPDX-License-Identifier: Apache-2.0
// Router, approximately timed: transactions that come by phases or block their callers go through
// the crossbar, which says when they move.
#include "router_passage.hpp"

#include "smmu/tlm/attributes.hpp"
#include "vp/picoseconds.hpp"

namespace vp {

namespace {

std::uint64_t now()
{
    return to_ps(sc_core::sc_time_stamp());
}

} // namespace

void router::make_phases()
{
    for (unsigned i = 0; i < up.size(); i++) {
        upstream_phases_.push_back(std::make_unique<upstream_phases>(*this, i));
        up[i].register_nb_transport_fw(this, &router::nb_transport_fw, static_cast<int>(i));
    }
    for (unsigned i = 0; i < down.size(); i++) {
        downstream_phases_.push_back(std::make_unique<downstream_phases>(*this, i));
        down[i].register_nb_transport_bw(this, &router::nb_transport_bw, static_cast<int>(i));
    }
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&wake_);
    options.dont_initialize();
    sc_core::sc_spawn([this] { advance(); }, "advance", &options);
}

tlm::tlm_sync_enum router::nb_transport_fw(int port, tlm::tlm_generic_payload &trans,
                                           tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return upstream_phases_[static_cast<unsigned>(port)]->side.nb_transport_fw(trans, phase, delay);
}

tlm::tlm_sync_enum router::nb_transport_bw(int port, tlm::tlm_generic_payload &trans,
                                           tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return downstream_phases_[static_cast<unsigned>(port)]->side.nb_transport_bw(trans, phase,
                                                                                 delay);
}

// Whether this time a system cache has what `trans` reads.
bool router::hits_system_cache(unsigned port, const addrmap_entry &entry,
                               const tlm::tlm_generic_payload &trans)
{
    return cached_[entry.port] && trans.is_read() && trans.get_byte_enable_ptr() == nullptr &&
           trans.get_streaming_width() >= trans.get_data_length() &&
           bus_chance_draw(&cached_reads_[port]);
}

void router::fill(passage &p, unsigned port, tlm::tlm_generic_payload &trans)
{
    const addrmap_entry *entry = decode(port, trans);
    const auto *attributes = trans.get_extension<smmu::attributes>();

    p.payload = &trans;
    p.address = trans.get_address();
    p.txn.up = port;
    p.txn.down = nobody();
    p.txn.bytes = trans.get_data_length();
    p.txn.read = trans.is_read();
    p.txn.write = trans.is_write();
    p.txn.qos = attributes ? attributes->qos : 0;
    p.txn.owner = &p;
    if (entry == nullptr)
        return;
    p.relative = p.address - entry->first;
    p.target = entry->port;
    p.txn.down = hits_system_cache(port, *entry, trans) ? system_cache() : entry->port;
}

// ---- Blocked callers ----

router::blocked_passage::blocked_passage(router &owner, unsigned port,
                                         tlm::tlm_generic_payload &trans)
    : owner_(owner)
{
    owner.fill(*this, port, trans);
    moved = &event_;
    crossbar_arrive(owner.crossbar_.get(), &txn, now());
    owner.wake();
}

router::blocked_passage::~blocked_passage()
{
    crossbar_end(owner_.crossbar_.get(), &txn, now());
    owner_.wake();
}

void router::block(unsigned port, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    blocked_passage p(*this, port, trans);
    p.wait();
    crossbar_accept(crossbar_.get(), &p.txn);
    wake();
    if (!answer_here(p))
        serve_blocked(p, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    crossbar_respond(crossbar_.get(), &p.txn, now());
    wake();
    p.wait();
}

void router::serve_blocked(const passage &p, sc_core::sc_time &delay)
{
    const readdressed scope(*p.payload, p.relative);
    down[p.target]->b_transport(*p.payload, delay);
}

// ---- Phases ----

void router::request_arrived(unsigned port, tlm::tlm_generic_payload &trans)
{
    auto p = std::make_unique<passage>();
    fill(*p, port, trans);
    crossbar_arrive(crossbar_.get(), &p->txn, now());
    passages_[&trans] = std::move(p);
    wake();
}

void router::deliver(passage &p)
{
    if (answer_here(p)) {
        crossbar_accept(crossbar_.get(), &p.txn);
        crossbar_respond(crossbar_.get(), &p.txn, now());
        return;
    }
    p.payload->set_address(p.relative);
    downstream_phases_[p.target]->side.send(*p.payload);
}

void router::response_arrived(passage &p)
{
    p.payload->set_address(p.address);
    crossbar_respond(crossbar_.get(), &p.txn, now());
    wake();
}

void router::response_taken(passage &p)
{
    crossbar_end(crossbar_.get(), &p.txn, now());
    passages_.erase(p.payload);
    wake();
}

// ---- Both ----

// Answers a transaction that goes to none of the targets; false if it goes to one.
bool router::answer_here(const passage &p)
{
    if (p.txn.down < nobody())
        return false;
    if (p.txn.down == nobody()) {
        p.payload->set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return true;
    }
    const readdressed scope(*p.payload, p.relative);
    const bool all = down[p.target]->transport_dbg(*p.payload) == p.payload->get_data_length();
    p.payload->set_response_status(all ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
    return true;
}

void router::advance()
{
    crossbar_step step = CROSSBAR_GRANTED;

    while (const crossbar_txn *txn = crossbar_advance(crossbar_.get(), now(), &step)) {
        passage &p = *static_cast<passage *>(txn->owner);
        if (p.moved != nullptr && step != CROSSBAR_GRANTED)
            p.moved->notify();
        else if (p.moved == nullptr && step == CROSSBAR_GRANTED)
            upstream_phases_[txn->up]->side.accept(*p.payload);
        else if (p.moved == nullptr && step == CROSSBAR_DELIVERED)
            deliver(p);
        else if (p.moved == nullptr)
            upstream_phases_[txn->up]->side.respond(*p.payload);
    }
    const std::uint64_t next = crossbar_next(crossbar_.get(), now());
    if (next != CROSSBAR_NEVER)
        wake_.notify(from_ps(next - now()));
}

} // namespace vp
