// SPDX-License-Identifier: Apache-2.0
// What an AXI bus has: widths and optional signals, as types that ports are made from.
#ifndef SMMU_PINS_AXI_CONFIG_HPP
#define SMMU_PINS_AXI_CONFIG_HPP

#include <cstdint>

namespace smmu::pins {

// AxBURST (IHI 0022 L A3.1.4).
enum axi_burst : unsigned {
    AXI_BURST_FIXED = 0, // every transfer at the same address
    AXI_BURST_INCR = 1,  // at rising addresses
    AXI_BURST_WRAP = 2,  // at rising addresses, which wrap at the size of the burst
};

// BRESP and RRESP (A3.3).
enum axi_response : unsigned {
    AXI_OKAY = 0,        // success, or an exclusive access that failed
    AXI_EXOKAY = 1,      // an exclusive access succeeded
    AXI_SLVERR = 2,      // a subordinate refuses
    AXI_DECERR = 3,      // there is no subordinate
    AXI_DEFER = 4,       // only of writes that may be deferred
    AXI_PREFETCHED = 4,  // of reads: the data were fetched ahead
    AXI_TRANSFAULT = 5,  // a translation fault that a page request may resolve
    AXI_OKAYDIRTY = 6,   // of reads by caches: the data are dirty
    AXI_UNSUPPORTED = 7, // only of writes that may be deferred
};

// AxDOMAIN (A8.3.4).
enum axi_domain : unsigned {
    AXI_DOMAIN_NON = 0,    // Non-shareable
    AXI_DOMAIN_INNER = 1,  // Shareable; Inner Shareable before Issue L
    AXI_DOMAIN_OUTER = 2,  // Shareable; Outer Shareable before Issue L
    AXI_DOMAIN_SYSTEM = 3, // System
};

// AxMMUFLOW (A13.6).
enum axi_flow : unsigned {
    AXI_FLOW_STALL = 0,    // the SMMU may stall the transaction
    AXI_FLOW_ATST = 1,     // the address is the answer to an ATS request
    AXI_FLOW_NO_STALL = 2, // the SMMU must not stall it
    AXI_FLOW_PRI = 3,      // a translation fault ends it with AXI_TRANSFAULT
};

// AxMMUSECSID (A13.4.1).
enum axi_secsid : unsigned {
    AXI_SECSID_NS = 0,    // Non-secure
    AXI_SECSID_S = 1,     // Secure
    AXI_SECSID_REALM = 2, // Realm
};

// AxSIZE of transfers of `bytes`, a power of two.
constexpr std::uint64_t axi_size_of(unsigned bytes)
{
    std::uint64_t size = 0;
    while ((1u << size) < bytes)
        size++;
    return size;
}

// WSTRB with `lanes` lanes, 1 to 64, all of which carry data.
constexpr std::uint64_t axi_all_lanes(unsigned lanes)
{
    return ~std::uint64_t{0} >> (64 - lanes);
}

// What is in AxMPAM of `width` bits, 0, 11, 12, 14 or 15 (MPAM_Support, RME_Support): from bit 0 on
// MPAM_NS, or with RME MPAM_SP; the PARTID; a PMG of 1 bit.
struct axi_mpam {
    unsigned width; // in bits; 0: there is no such signal

    // Whether the width is one of these.
    constexpr bool known() const
    {
        return width == 0 || width == 11 || width == 12 || width == 14 || width == 15;
    }
    // Bits of MPAM_NS or MPAM_SP.
    constexpr unsigned space_bits() const { return width == 12 || width == 15 ? 2 : 1; }
    // Bits of the PARTID.
    constexpr unsigned partid_bits() const { return width > 12 ? 12 : 9; }
    // Bits of the PMG.
    constexpr unsigned pmg_bits() const { return 1; }
};

// AXI4: 8 to 512 bits of data, a power of two; 0 to 32 bits of ID; up to 64 bits of address. A bus
// that differs derives from it, or from one of those below, and declares what differs again.
template <unsigned DATA = 64, unsigned ID = 4, unsigned ADDRESS = 64> struct axi4 {
    static constexpr unsigned data_width = DATA;       // WDATA and RDATA
    static constexpr unsigned id_width = ID;           // AxID, BID, RID
    static constexpr unsigned address_width = ADDRESS; // AxADDR
    static constexpr unsigned request_user_width = 0;  // AxUSER, up to 64
    static constexpr unsigned data_user_width = 0;     // WUSER; of RUSER, with those of responses
    static constexpr unsigned response_user_width = 0; // BUSER, and its part of RUSER
    static constexpr unsigned response_width = 2;      // BRESP and RRESP, 2 or 3

    static constexpr bool bursts = true;     // AxLEN, AxSIZE, AxBURST, WLAST, RLAST
    static constexpr bool exclusives = true; // AxLOCK
    static constexpr bool caches = true;     // AxCACHE
    static constexpr bool qos = true;        // AxQOS
    static constexpr bool regions = true;    // AxREGION

    static constexpr bool domains = false;       // AxDOMAIN (Shareable_Transactions)
    static constexpr unsigned awsnoop_width = 0; // 0, 4 or 5
    static constexpr unsigned arsnoop_width = 0; // 0 or 4
    static constexpr bool atomics = false;       // AWATOP (Atomic_Transactions)
    static constexpr bool realms = false;        // AxNSE (RME_Support)
    static constexpr unsigned mpam_width = 0;    // AxMPAM: 0, 11, 12, 14 or 15, see axi_mpam
    static constexpr bool pbha = false;          // AxPBHA
    static constexpr bool unique_ids = false;    // AxIDUNQ, BIDUNQ, RIDUNQ (Unique_ID_Support)
    static constexpr unsigned cache_line = 64;   // bytes (Cache_Line_Size)
    static constexpr unsigned untranslated = 0;  // version of Untranslated_Transactions, 0 to 3
    static constexpr unsigned secsid_width = 0;  // AxMMUSECSID
    static constexpr unsigned sid_width = 0;     // AxMMUSID, up to 32
    static constexpr unsigned ssid_width = 0;    // AxMMUSSID, up to 20, and AxMMUSSIDV
    static constexpr bool flows = false;         // AxMMUATST or AxMMUFLOW (MMUFLOW_Present)
};

// AXI4-Lite: single transfers of the whole width, in order.
template <unsigned DATA = 32, unsigned ADDRESS = 32> struct axi4_lite : axi4<DATA, 0, ADDRESS> {
    static constexpr bool bursts = false;     // no AxLEN, AxSIZE, AxBURST, WLAST and RLAST
    static constexpr bool exclusives = false; // no AxLOCK
    static constexpr bool caches = false;     // no AxCACHE
    static constexpr bool qos = false;        // no AxQOS
    static constexpr bool regions = false;    // no AxREGION
};

// AXI5 between the SMMU and memory: what a translated transaction can say.
template <unsigned DATA = 128, unsigned ID = 8, unsigned ADDRESS = 52>
struct axi5 : axi4<DATA, ID, ADDRESS> {
    static constexpr bool domains = true;        // AxDOMAIN
    static constexpr unsigned awsnoop_width = 5; // AWSNOOP
    static constexpr unsigned arsnoop_width = 4; // ARSNOOP
    static constexpr bool atomics = true;        // AWATOP
    static constexpr unsigned mpam_width = 11;   // AxMPAM
    static constexpr bool pbha = true;           // AxPBHA
    static constexpr bool unique_ids = true;     // AxIDUNQ, BIDUNQ, RIDUNQ
};

// AXI5 between a device and the SMMU: the same, and untranslated transactions of version 3.
template <unsigned DATA = 128, unsigned ID = 8, unsigned ADDRESS = 64>
struct axi5_untranslated : axi5<DATA, ID, ADDRESS> {
    static constexpr unsigned response_width = 3; // BRESP and RRESP
    static constexpr unsigned untranslated = 3;   // version 3: AxMMUVALID
    static constexpr unsigned secsid_width = 1;   // AxMMUSECSID: Non-secure and Secure
    static constexpr unsigned sid_width = 32;     // AxMMUSID
    static constexpr unsigned ssid_width = 20;    // AxMMUSSID, AxMMUSSIDV
    static constexpr bool flows = true;           // AxMMUFLOW
};

// The largest bus: there is room for its signals in every axi_beat.
struct axi_largest : axi5_untranslated<512, 32, 64> {
    static constexpr unsigned request_user_width = 64;  // AxUSER
    static constexpr unsigned data_user_width = 32;     // WUSER, part of RUSER
    static constexpr unsigned response_user_width = 32; // BUSER, part of RUSER
    static constexpr bool realms = true;                // AxNSE
    static constexpr unsigned secsid_width = 2;         // all of them
    static constexpr unsigned mpam_width = 15;          // AxMPAM
};

// The numbers of a configuration that rules and bridges go by.
struct axi_shape {
    unsigned bus_bytes;    // of a transfer of the whole width
    unsigned id_width;     // in bits; 0: all transactions have ID 0
    unsigned cache_line;   // in bytes
    unsigned untranslated; // version of untranslated transactions
    bool domains;          // there is AxDOMAIN
    bool realms;           // there is AxNSE
    bool unique_ids;       // there is AxIDUNQ
    bool bursts;           // there is AxLEN
    bool exclusives;       // there is AxLOCK
    bool atomics;          // there is AWATOP

    // Widths of signals in bits, of which requests have to be made.
    unsigned address_width; // AxADDR
    unsigned awsnoop_width; // AWSNOOP
    unsigned arsnoop_width; // ARSNOOP
    unsigned secsid_width;  // AxMMUSECSID
    unsigned sid_width;     // AxMMUSID
    unsigned ssid_width;    // AxMMUSSID
    axi_mpam mpam;          // AxMPAM

    // That of configuration C.
    template <class C> static constexpr axi_shape of()
    {
        static_assert(C::data_width >= 8 && C::data_width <= 512 &&
                          (C::data_width & (C::data_width - 1)) == 0,
                      "8 to 512 bits of data, a power of two");
        static_assert(C::id_width <= 32, "up to 32 bits of ID");
        static_assert(C::address_width >= 1 && C::address_width <= 64, "1 to 64 bits of address");
        static_assert(C::response_width == 2 || C::response_width == 3, "2 or 3 bits of response");
        static_assert(C::untranslated < 2 || C::response_width == 3,
                      "untranslated transactions of version 2 have responses of 3 bits");
        static_assert(axi_mpam{C::mpam_width}.known(), "AxMPAM has 0, 11, 12, 14 or 15 bits");
        static_assert(!C::atomics || C::bursts, "atomic transactions have a length");
        return {C::data_width / 8, C::id_width,     C::cache_line,    C::untranslated,
                C::domains,        C::realms,       C::unique_ids,    C::bursts,
                C::exclusives,     C::atomics,      C::address_width, C::awsnoop_width,
                C::arsnoop_width,  C::secsid_width, C::sid_width,     C::ssid_width,
                {C::mpam_width}};
    }
};

} // namespace smmu::pins

#endif
