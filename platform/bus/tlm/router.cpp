// SPDX-License-Identifier: Apache-2.0
// Router: decoding, address translation in both directions, DMI windows cut to a port's range.
#include "router_passage.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "vp/picoseconds.hpp"

namespace vp {

router::router(const sc_core::sc_module_name &name, unsigned upstreams, unsigned downstreams,
               const crossbar_port &all, bool approximate)
    : sc_module(name), up("up", upstreams), down("down", downstreams), approximate_(approximate),
      map_(addrmap_create()), crossbar_(crossbar_create(upstreams, downstreams + 2)),
      ranges_(downstreams, addrmap_entry{1, 0, 0}), hops_(downstreams + 2), hints_(upstreams, 0),
      cached_reads_(upstreams), cached_(downstreams)
{
    if (!map_ || !crossbar_)
        throw std::bad_alloc();
    for (unsigned i = 0; i < upstreams; i++) {
        up[i].register_b_transport(this, &router::b_transport, static_cast<int>(i));
        up[i].register_get_direct_mem_ptr(this, &router::get_direct_mem_ptr, static_cast<int>(i));
        up[i].register_transport_dbg(this, &router::transport_dbg, static_cast<int>(i));
        set_upstream(i, all);
    }
    for (unsigned i = 0; i < downstreams; i++) {
        down[i].register_invalidate_direct_mem_ptr(this, &router::invalidate_direct_mem_ptr,
                                                   static_cast<int>(i));
        set_downstream(i, all);
    }
    crossbar_port latencies = {};
    latencies.forward = all.forward;
    latencies.response = all.response;
    set_downstream(nobody(), latencies);
    set_downstream(system_cache(), all);
    make_phases();
}

router::~router() = default;

void router::map(unsigned port, std::uint64_t base, std::uint64_t size)
{
    const addrmap_entry entry = {base, base + (size - 1), port};
    if (size == 0 || addrmap_add(map_.get(), &entry) != ADDRMAP_OK)
        throw std::invalid_argument("address range is empty, wraps around or overlaps another");
    ranges_.at(port) = entry;
}

void router::set_upstream(unsigned port, const crossbar_port &parameters)
{
    *crossbar_up(crossbar_.get(), port) = parameters;
}

void router::set_downstream(unsigned port, const crossbar_port &parameters)
{
    *crossbar_down(crossbar_.get(), port) = parameters;
    hops_[port] = from_ps(parameters.forward + parameters.response);
}

// It answers when a request arrives: its time is on the way there, so that the request is issued
// until then.
void router::set_system_cache(std::uint64_t latency)
{
    crossbar_down(crossbar_.get(), system_cache())->forward += latency;
}

void router::set_cached(unsigned downstream)
{
    cached_[downstream] = true;
}

void router::cache_reads(unsigned upstream, std::uint32_t ppm)
{
    cached_reads_[upstream] = {upstream, ppm};
}

const crossbar_stats &router::upstream_stats(unsigned port) const
{
    return *crossbar_up_stats(crossbar_.get(), port);
}

const crossbar_stats &router::downstream_stats(unsigned port) const
{
    return *crossbar_down_stats(crossbar_.get(), port);
}

const crossbar_stats &router::system_cache_stats() const
{
    return *crossbar_down_stats(crossbar_.get(), system_cache());
}

namespace {

// The part of [first, last], relative to a port's range, that lies in it, as system addresses.
// False if nothing does.
bool to_system(const addrmap_entry &range, std::uint64_t &first, std::uint64_t &last)
{
    const std::uint64_t length = range.last - range.first;
    if (last < first || first > length)
        return false;
    first += range.first;
    last = range.first + std::min(last, length);
    return true;
}

} // namespace

const addrmap_entry *router::find(unsigned port, std::uint64_t address)
{
    return addrmap_find(map_.get(), address, &hints_[port]);
}

// The range that has all bytes of `trans`; nullptr if there is none.
const addrmap_entry *router::decode(unsigned port, const tlm::tlm_generic_payload &trans)
{
    const std::uint64_t address = trans.get_address();
    const std::uint64_t extent =
        std::min(trans.get_data_length(), std::max(trans.get_streaming_width(), 1u));
    const addrmap_entry *entry = find(port, address);

    if (entry == nullptr || (extent != 0 && extent - 1 > entry->last - address)) {
        misses_++;
        return nullptr;
    }
    forwarded_++;
    return entry;
}

void router::b_transport(int port, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    if (approximate_) {
        block(static_cast<unsigned>(port), trans, delay);
        return;
    }
    const addrmap_entry *entry = decode(static_cast<unsigned>(port), trans);
    if (entry == nullptr) {
        delay += hops_[nobody()];
        trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    delay += hops_[entry->port];
    const readdressed scope(trans, trans.get_address() - entry->first);
    down[entry->port]->b_transport(trans, delay);
}

bool router::get_direct_mem_ptr(int port, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
{
    const std::uint64_t address = trans.get_address();
    const addrmap_entry *entry = find(static_cast<unsigned>(port), address);
    const sc_core::sc_time &hop = hops_[entry ? entry->port : nobody()];
    std::uint64_t first = 0;
    std::uint64_t last = UINT64_MAX;
    bool granted = false;

    if (entry == nullptr) {
        addrmap_gap(map_.get(), address, &first, &last);
    } else {
        const readdressed scope(trans, address - entry->first);
        granted = down[entry->port]->get_direct_mem_ptr(trans, dmi);
        first = dmi.get_start_address();
        last = dmi.get_end_address();
        if (!to_system(*entry, first, last)) {
            granted = false;
            first = last = address;
        }
    }
    dmi.set_start_address(first);
    dmi.set_end_address(last);
    dmi.set_read_latency(dmi.get_read_latency() + hop);
    dmi.set_write_latency(dmi.get_write_latency() + hop);
    return granted;
}

unsigned router::transport_dbg(int port, tlm::tlm_generic_payload &trans)
{
    const std::uint64_t address = trans.get_address();
    const unsigned length = trans.get_data_length();
    const addrmap_entry *entry = find(static_cast<unsigned>(port), address);

    if (entry == nullptr || length == 0)
        return 0;
    const readdressed scope(trans, address - entry->first);
    const std::uint64_t room = entry->last - address;
    trans.set_data_length(length - 1 > room ? static_cast<unsigned>(room + 1) : length);
    const unsigned done = down[entry->port]->transport_dbg(trans);
    trans.set_data_length(length);
    return done;
}

void router::invalidate_direct_mem_ptr(int port, sc_dt::uint64 first, sc_dt::uint64 last)
{
    std::uint64_t from = first;
    std::uint64_t to = last;
    if (!to_system(ranges_[static_cast<unsigned>(port)], from, to))
        return;
    for (auto &socket : up)
        socket->invalidate_direct_mem_ptr(from, to);
}

} // namespace vp
