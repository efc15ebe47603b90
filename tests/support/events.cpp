// SPDX-License-Identifier: Apache-2.0
// Bit positions of the event records (IHI 0070 7.3).
#include "support/events.hpp"

namespace support {

// F_STE_FETCH and F_CD_FETCH report FetchAddr at the place where others have it or the IPA; none
// of the types has a field that another type puts elsewhere, so one layout serves all but
// page_event.
image<4> event::encode() const
{
    image<4> w;
    w.set(0, 8, type).set(11, 1, ssv).set(12, 20, ssid).set(32, 32, sid);
    w.set(64, 16, stag).set(95, 1, stall);
    w.set(97, 1, pnu).set(98, 1, ind).set(99, 1, rnw).set(103, 1, s2).set(104, 2, cls);
    w.set(108, 1, ttrnw);
    w.word[2] = input_addr;
    w.word[3] = addr;
    return w;
}

event event::decode(const image<4> &raw)
{
    event e;
    e.type = static_cast<unsigned>(raw.get(0, 8));
    e.ssv = raw.get(11, 1) != 0;
    e.ssid = static_cast<uint32_t>(raw.get(12, 20));
    e.sid = static_cast<uint32_t>(raw.get(32, 32));
    e.stag = static_cast<uint32_t>(raw.get(64, 16));
    e.stall = raw.get(95, 1) != 0;
    e.pnu = raw.get(97, 1) != 0;
    e.ind = raw.get(98, 1) != 0;
    e.rnw = raw.get(99, 1) != 0;
    e.s2 = raw.get(103, 1) != 0;
    e.cls = static_cast<unsigned>(raw.get(104, 2));
    e.ttrnw = raw.get(108, 1) != 0;
    e.input_addr = raw.word[2];
    e.addr = raw.word[3];
    return e;
}

image<4> page_event::encode() const
{
    image<4> w;
    w.set(0, 8, type).set(11, 1, ssv).set(12, 20, ssid).set(32, 32, sid);
    if (type == F_BAD_ATS_TREQ)
        w.set(64, 4, span).set(92, 4, rights);
    else
        w.set(96, 8, rights).set(108, 8, span);
    w.set(140, 52, page >> 12);
    return w;
}

bool operator==(const event &a, const event &b)
{
    return a.encode() == b.encode();
}

std::ostream &operator<<(std::ostream &out, const event &e)
{
    const auto flags = out.flags();
    out << std::hex << "event 0x" << e.type << " sid 0x" << e.sid << " ssv " << e.ssv << " ssid 0x"
        << e.ssid << " stag 0x" << e.stag << " stall " << e.stall << " PnU " << e.pnu << " InD "
        << e.ind << " RnW " << e.rnw << " S2 " << e.s2 << " CLASS " << e.cls << " TTRnW " << e.ttrnw
        << " InputAddr 0x" << e.input_addr << " addr 0x" << e.addr;
    out.flags(flags);
    return out;
}

} // namespace support
