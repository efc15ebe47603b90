// SPDX-License-Identifier: Apache-2.0
// An address-decoding interconnect: many initiators in, many targets out.
#ifndef VP_ROUTER_HPP
#define VP_ROUTER_HPP

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "bus/addrmap.h"
#include "bus/chance.h"
#include "bus/crossbar.h"

namespace vp {

// Carries transactions of any upstream port to the downstream port that owns their address; on the
// way down, and back up for DMI, addresses are made relative to the port's range. A transaction
// that no single port owns is answered with TLM_ADDRESS_ERROR_RESPONSE, as if by a target with the
// latencies of `all`.
//
// Transactions that come by nb_transport take the time of the ports and contend for them; so do
// those that come by b_transport in an approximately-timed router, which blocks their callers. A
// loosely-timed one adds the latencies of the downstream port to the delay.
//
// Ports have the parameters of bus/port.def, in picoseconds.
class router : public sc_core::sc_module {
  public:
    using upstream_socket = tlm_utils::simple_target_socket_tagged<router>;
    using downstream_socket = tlm_utils::simple_initiator_socket_tagged<router>;

    // `all` is what each port has until it gets something of its own.
    router(const sc_core::sc_module_name &name, unsigned upstreams, unsigned downstreams,
           const crossbar_port &all = {}, bool approximate = false);
    ~router() override;

    sc_core::sc_vector<upstream_socket> up;
    sc_core::sc_vector<downstream_socket> down;

    // Gives `down[port]`, which must have no range yet, the addresses base ... base + size - 1.
    // Throws std::invalid_argument if the range is empty, wraps around or overlaps another.
    void map(unsigned port, std::uint64_t base, std::uint64_t size);

    // What a port has, in place of `all`; before the simulation starts.
    void set_upstream(unsigned port, const crossbar_port &parameters);
    void set_downstream(unsigned port, const crossbar_port &parameters);

    // A system cache is a target beside the others, with the parameters of `all`, which answers in
    // `latency` picoseconds. Those reads of the upstream ports of cache_reads() go there, with a
    // probability of `ppm` millionths, that are for downstream ports of set_cached(): memory, where
    // debug transport reads what an access does. The same ones in every run. Before the simulation
    // starts; without effect on what a loosely-timed router gets by b_transport.
    void set_system_cache(std::uint64_t latency);
    void set_cached(unsigned downstream);
    void cache_reads(unsigned upstream, std::uint32_t ppm);

    // Transactions forwarded, and those that found no target.
    std::uint64_t forwarded() const { return forwarded_; }
    std::uint64_t misses() const { return misses_; }

    // What took time in ports, and in the system cache.
    const crossbar_stats &upstream_stats(unsigned port) const;
    const crossbar_stats &downstream_stats(unsigned port) const;
    const crossbar_stats &system_cache_stats() const;

  private:
    struct passage;
    class blocked_passage;
    class upstream_phases;
    class downstream_phases;

    void b_transport(int port, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    tlm::tlm_sync_enum nb_transport_fw(int port, tlm::tlm_generic_payload &trans,
                                       tlm::tlm_phase &phase, sc_core::sc_time &delay);
    tlm::tlm_sync_enum nb_transport_bw(int port, tlm::tlm_generic_payload &trans,
                                       tlm::tlm_phase &phase, sc_core::sc_time &delay);
    bool get_direct_mem_ptr(int port, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(int port, tlm::tlm_generic_payload &trans);
    void invalidate_direct_mem_ptr(int port, sc_dt::uint64 first, sc_dt::uint64 last);

    void make_phases();
    const addrmap_entry *find(unsigned port, std::uint64_t address);
    const addrmap_entry *decode(unsigned port, const tlm::tlm_generic_payload &trans);
    bool hits_system_cache(unsigned port, const addrmap_entry &entry,
                           const tlm::tlm_generic_payload &trans);
    void set_hop(unsigned port);

    // What the crossbar carries, in router_phases.cpp.
    void fill(passage &p, unsigned port, tlm::tlm_generic_payload &trans);
    void block(unsigned port, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    void serve_blocked(const passage &p, sc_core::sc_time &delay);
    bool answer_here(const passage &p);
    void request_arrived(unsigned port, tlm::tlm_generic_payload &trans);
    void deliver(passage &p);
    void response_arrived(passage &p);
    void response_taken(passage &p);
    passage &of(tlm::tlm_generic_payload &trans) { return *passages_.at(&trans); }
    void advance();
    void wake() { wake_.notify(sc_core::SC_ZERO_TIME); }

    // Numbers of the crossbar's downstream ports behind those of `down`.
    unsigned nobody() const { return static_cast<unsigned>(down.size()); }
    unsigned system_cache() const { return nobody() + 1; }

    struct deleter {
        void operator()(addrmap *map) const { addrmap_destroy(map); }
        void operator()(crossbar *x) const { crossbar_destroy(x); }
    };
    bool approximate_;
    std::unique_ptr<addrmap, deleter> map_;
    std::unique_ptr<crossbar, deleter> crossbar_;
    std::vector<addrmap_entry> ranges_;  // by downstream port; last < first: none
    std::vector<sc_core::sc_time> hops_; // by downstream port of the crossbar: its latencies
    std::vector<std::size_t> hints_;     // by upstream port
    std::vector<bus_chance> cached_reads_;
    std::vector<bool> cached_; // by downstream port
    std::vector<std::unique_ptr<upstream_phases>> upstream_phases_;
    std::vector<std::unique_ptr<downstream_phases>> downstream_phases_;
    std::unordered_map<tlm::tlm_generic_payload *, std::unique_ptr<passage>> passages_;
    sc_core::sc_event wake_;
    std::uint64_t forwarded_ = 0;
    std::uint64_t misses_ = 0;
};

} // namespace vp

#endif
