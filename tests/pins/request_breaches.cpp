// SPDX-License-Identifier: Apache-2.0
// Requests that break the rules of AXI by themselves (IHI 0022 L A3, A4, A6, A7, A8, A13).
#include "axi_breach.hpp"

namespace pins_test {

using namespace smmu::pins;

namespace {

axi_request an_incr(std::uint64_t addr, unsigned size, unsigned len)
{
    axi_request request = a_read();
    request.addr = addr;
    request.size = size;
    request.len = len;
    return request;
}

axi_request a_wrap(std::uint64_t addr, unsigned size, unsigned len)
{
    axi_request request = an_incr(addr, size, len);
    request.burst = AXI_BURST_WRAP;
    return request;
}

axi_request a_fixed(unsigned len)
{
    axi_request request = an_incr(0x1000, 3, len);
    request.burst = AXI_BURST_FIXED;
    return request;
}

axi_request of_memory(axi_request request, unsigned cache, unsigned domain)
{
    request.cache = cache;
    request.domain = domain;
    return request;
}

axi_request an_operation(axi_request request, unsigned snoop, unsigned domain)
{
    request.snoop = snoop;
    return of_memory(request, 0xf, domain);
}

axi_request an_exclusive(std::uint64_t addr, unsigned size, unsigned len)
{
    axi_request request = an_incr(addr, size, len);
    request.lock = true;
    return request;
}

axi_request an_atomic(unsigned atop, std::uint64_t addr, unsigned size, unsigned len)
{
    axi_request request = an_incr(addr, size, len);
    request.write = true;
    request.atop = atop;
    return request;
}

axi_request of_stream(unsigned secsid, unsigned prot, bool nse)
{
    axi_request request = a_read();
    request.mmusecsid = secsid;
    request.prot = prot;
    request.nse = nse;
    return request;
}

} // namespace

const std::vector<axi_breach> request_breaches = {
    {"size", "wider_than_the_bus", [](hand_bus &b) { b.request(an_incr(0x1000, 4, 0)); }},
    {"boundary", "aligned", [](hand_bus &b) { b.request(an_incr(0x1ff8, 3, 1)); }},
    {"boundary", "narrow", [](hand_bus &b) { b.request(an_incr(0x1ffe, 0, 2)); }},
    {"burst_reserved", "three",
     [](hand_bus &b) {
         axi_request request = a_write();
         request.burst = 3;
         b.request(request);
     }},
    {"wrap_length", "one", [](hand_bus &b) { b.request(a_wrap(0x1000, 3, 0)); }},
    {"wrap_length", "three", [](hand_bus &b) { b.request(a_wrap(0x1000, 3, 2)); }},
    {"wrap_length", "thirty_two", [](hand_bus &b) { b.request(a_wrap(0x1000, 3, 31)); }},
    {"wrap_alignment", "of_a_transfer", [](hand_bus &b) { b.request(a_wrap(0x1004, 3, 3)); }},
    {"fixed_length", "seventeen", [](hand_bus &b) { b.request(a_fixed(16)); }},
    {"fixed_opcode", "shareable",
     [](hand_bus &b) { b.request(of_memory(a_fixed(1), 0xf, AXI_DOMAIN_OUTER)); }},
    {"cache_reserved", "allocates_without_modifiable",
     [](hand_bus &b) { b.request(of_memory(a_read(), 4, AXI_DOMAIN_NON)); }},
    {"domain", "device_not_in_system",
     [](hand_bus &b) { b.request(of_memory(a_read(), 1, AXI_DOMAIN_NON)); }},
    {"domain", "cached_in_system",
     [](hand_bus &b) { b.request(of_memory(a_write(), 0xb, AXI_DOMAIN_SYSTEM)); }},
    {"opcode_reserved", "no_operation",
     [](hand_bus &b) { b.request(an_operation(a_read(), 3, AXI_DOMAIN_INNER)); }},
    {"opcode_reserved", "not_in_this_domain",
     [](hand_bus &b) { b.request(an_operation(a_read(), 4, AXI_DOMAIN_NON)); }},
    {"line", "too_short",
     [](hand_bus &b) { b.request(an_operation(an_incr(0x1000, 3, 3), 8, AXI_DOMAIN_INNER)); }},
    {"line", "not_regular",
     [](hand_bus &b) { b.request(an_operation(an_incr(0x1008, 3, 7), 8, AXI_DOMAIN_INNER)); }},
    {"line", "narrow",
     [](hand_bus &b) { b.request(an_operation(an_incr(0x1000, 2, 15), 8, AXI_DOMAIN_INNER)); }},
    {"line", "across_two",
     [](hand_bus &b) { b.request(an_operation(an_incr(0x1030, 3, 3), 4, AXI_DOMAIN_INNER)); }},
    {"exclusive_size", "no_power_of_two",
     [](hand_bus &b) { b.request(an_exclusive(0x1000, 3, 2)); }},
    {"exclusive_alignment", "to_its_size",
     [](hand_bus &b) { b.request(an_exclusive(0x1008, 3, 1)); }},
    {"exclusive_length", "thirty_two", [](hand_bus &b) { b.request(an_exclusive(0x1000, 0, 31)); }},
    {"exclusive_opcode", "shareable",
     [](hand_bus &b) { b.request(of_memory(an_exclusive(0x1000, 3, 0), 0xf, AXI_DOMAIN_INNER)); }},
    {"atomic_reserved", "no_operation",
     [](hand_bus &b) { b.request(an_atomic(0x08, 0x1000, 3, 0)); }},
    {"atomic_reserved", "beyond_compare",
     [](hand_bus &b) { b.request(an_atomic(0x32, 0x1000, 3, 0)); }},
    {"atomic_size", "sixteen_bytes",
     [](hand_bus &b) { b.request(an_atomic(atomic_store_add, 0x1000, 3, 1)); }},
    {"atomic_size", "of_narrow_transfers",
     [](hand_bus &b) { b.request(an_atomic(atomic_load_set, 0x1000, 1, 1)); }},
    {"atomic_size", "compare_of_one_byte",
     [](hand_bus &b) { b.request(an_atomic(atomic_compare, 0x1000, 0, 0)); }},
    {"atomic_alignment", "operand",
     [](hand_bus &b) { b.request(an_atomic(atomic_load_set, 0x1004, 3, 0)); }},
    {"atomic_alignment", "half_of_a_compare",
     [](hand_bus &b) { b.request(an_atomic(atomic_compare, 0x1002, 3, 0)); }},
    {"atomic_burst", "store_that_wraps",
     [](hand_bus &b) {
         axi_request request = an_atomic(atomic_store_add, 0x1000, 3, 0);
         request.burst = AXI_BURST_FIXED;
         b.request(request);
     }},
    {"atomic_burst", "compare_of_the_upper_half",
     [](hand_bus &b) { b.request(an_atomic(atomic_compare, 0x1004, 3, 0)); }},
    {"atomic_opcode", "exclusive",
     [](hand_bus &b) {
         axi_request request = an_atomic(atomic_store_add, 0x1000, 3, 0);
         request.lock = true;
         b.request(request);
     }},
    {"secsid_reserved", "three", [](hand_bus &b) { b.request(of_stream(3, 2, false)); }},
    {"secsid_space", "non_secure_stream_secure_space",
     [](hand_bus &b) { b.request(of_stream(AXI_SECSID_NS, 0, false)); }},
    {"secsid_space", "secure_stream_realm_space",
     [](hand_bus &b) { b.request(of_stream(AXI_SECSID_S, 2, true)); }},
    {"secsid_space", "realm_stream_root_space",
     [](hand_bus &b) { b.request(of_stream(AXI_SECSID_REALM, 0, true)); }},
    {"ssid_without_valid", "given",
     [](hand_bus &b) {
         axi_request request = a_write();
         request.mmussid = 5;
         b.request(request);
     }},
    {"translated_secsid", "secure",
     [](hand_bus &b) {
         axi_request request = of_stream(AXI_SECSID_S, 2, false);
         request.mmuflow = AXI_FLOW_ATST;
         b.request(request);
     }},
};

const std::vector<axi_breach> wide_breaches = {
    {"exclusive_size", "above_128_bytes",
     [](hand_bus &b) { b.request(an_exclusive(0x1000, 4, 15)); }},
    {"translated_ssid", "given",
     [](hand_bus &b) {
         axi_request request = a_read();
         request.mmuatst = true;
         request.mmussidv = true;
         b.request(request);
     }},
};

} // namespace pins_test
