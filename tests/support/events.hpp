// SPDX-License-Identifier: Apache-2.0
// Event queue records as software reads them (IHI 0070 7.3).
#ifndef TESTS_SUPPORT_EVENTS_HPP
#define TESTS_SUPPORT_EVENTS_HPP

#include <ostream>

#include "support/bits.hpp"

namespace support {

// Event numbers (IHI 0070 7.3).
enum event_type : unsigned {
    F_UUT = 0x01,
    C_BAD_STREAMID = 0x02,
    F_STE_FETCH = 0x03,
    C_BAD_STE = 0x04,
    F_BAD_ATS_TREQ = 0x05,
    F_STREAM_DISABLED = 0x06,
    F_TRANSL_FORBIDDEN = 0x07,
    C_BAD_SUBSTREAMID = 0x08,
    F_CD_FETCH = 0x09,
    C_BAD_CD = 0x0a,
    F_WALK_EABT = 0x0b,
    F_TRANSLATION = 0x10,
    F_ADDR_SIZE = 0x11,
    F_ACCESS = 0x12,
    F_PERMISSION = 0x13,
    F_TLB_CONFLICT = 0x20,
    F_CFG_CONFLICT = 0x21,
    E_PAGE_REQUEST = 0x24,
    F_VMS_FETCH = 0x25,
};

// CLASS of a fault (IHI 0070 7.3).
enum event_class : unsigned { CLASS_CD = 0, CLASS_TT = 1, CLASS_IN = 2 };

// A record. Fields an event type does not have are zero.
struct event {
    unsigned type = 0;
    uint32_t sid = 0;
    bool ssv = false;
    uint32_t ssid = 0;
    uint32_t stag = 0;
    bool stall = false;
    bool pnu = false; // privileged
    bool ind = false; // instruction
    bool rnw = false; // read
    bool s2 = false;
    unsigned cls = 0;
    bool ttrnw = false; // F_PERMISSION with CLASS_TT: the descriptor was read
    uint64_t input_addr = 0;
    uint64_t addr = 0; // FetchAddr or IPA

    image<4> encode() const;
    static event decode(const image<4> &raw);
};

// F_BAD_ATS_TREQ and E_PAGE_REQUEST, which have fields of their own (IHI 0070 7.3.6, 7.3.19).
struct page_event {
    unsigned type = 0;
    uint32_t sid = 0;
    bool ssv = false;
    uint32_t ssid = 0;
    uint64_t page = 0;   // address
    unsigned span = 0;   // STUs or pages
    unsigned rights = 0; // [3:0] R W X PRIV; or [3:1] uR uW uX, [7:5] pR pW pX

    image<4> encode() const;
};

bool operator==(const event &a, const event &b);
std::ostream &operator<<(std::ostream &out, const event &e);

} // namespace support

#endif
