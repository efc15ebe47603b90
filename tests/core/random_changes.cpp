// SPDX-License-Identifier: Apache-2.0
// Changes of random worlds, with the least maintenance that IHI 0070 5.2.1, 5.4.1 and 16.2 ask of
// software: whatever a cache still holds afterwards is right, or it is stale.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/random_world.hpp"

using namespace support;

// There is no room for more tables from here on.
static constexpr uint64_t full = 0x3c000000;
// StreamIDs from here on, and ASIDs and VMIDs, are nobody's.
static constexpr unsigned others = 250;

bool random_world::has_fresh_tag() const
{
    return last_tag_ < others - 1;
}

bool random_world::is_el2(const random_stream &s)
{
    return dut_.config().hyp && (s.entry.config & 3) == 1 && s.entry.strw != 0;
}

void random_world::broadcast(const random_stream &s, smmu_dvm_op op, uint64_t va, unsigned asid)
{
    const bool e2h = (dut_.read32(reg::CR2) & reg::CR2_E2H) != 0;
    smmu_dvm dvm{};
    dvm.op = static_cast<uint8_t>(op);
    dvm.world = static_cast<uint8_t>(!is_el2(s) ? SMMU_WORLD_NS_EL1
                                     : e2h      ? SMMU_WORLD_EL2_E2H
                                                : SMMU_WORLD_EL2);
    dvm.asid = static_cast<uint16_t>(asid);
    dvm.vmid = static_cast<uint16_t>(s.entry.s2vmid);
    dvm.addr = va;
    smmu_broadcast_tlbi(dut_.smmu(), &dvm);
}

// An invalidation by address: as it is, or of a range that holds the page.
void random_world::issue(command cmd, uint64_t address, unsigned page_bits)
{
    if (!dut_.config().ril || rng_.coin()) {
        dut_.submit(cmd);
        return;
    }
    tlbi_range range;
    range.tg = (page_bits - 10) / 2;
    range.num = static_cast<unsigned>(rng_.between(1, 31));
    range.scale = static_cast<unsigned>(rng_.below(10));
    const uint64_t size = uint64_t{range.num + 1} << range.scale << page_bits;
    const uint64_t back = std::min(address, rng_.below(size)) >> 12;
    image<2> moved = with_range(cmd, range);
    moved.word[1] -= back << 12; // Address
    dut_.submit(moved);
}

// All of stage 1, but what all ASIDs share only if there is any.
void random_world::forget_stage1(const random_stream &s)
{
    const bool no_asids = is_el2(s) && (dut_.read32(reg::CR2) & reg::CR2_E2H) == 0;
    std::set<unsigned> asids;
    for (const cd &c : s.contexts)
        asids.insert(c.asid);
    if (globals_ || no_asids || rng_.one_in(4))
        dut_.submit(is_el2(s) ? tlbi_el2_all() : tlbi_nh_all(s.entry.s2vmid));
    else
        for (const unsigned asid : asids)
            dut_.submit(is_el2(s) ? tlbi_el2_asid(asid) : tlbi_nh_asid(asid, s.entry.s2vmid));
}

// What a descriptor that is no table said about `va`.
void random_world::forget_page(const random_stream &s, uint64_t va, unsigned page_bits)
{
    const bool el2 = is_el2(s), leaf = rng_.coin(), e2h = (dut_.read32(reg::CR2) & reg::CR2_E2H);
    const unsigned vmid = s.entry.s2vmid;
    const bool all = rng_.one_in(3) && (!el2 || e2h);
    const uint64_t at = va & ~ones(12);
    if (rng_.one_in(8)) {
        forget_stage1(s);
    } else if (all && rng_.coin()) {
        broadcast(s, SMMU_DVM_VAA, at, 0);
    } else if (all) {
        issue(el2 ? tlbi_el2_vaa(at, leaf) : tlbi_nh_vaa(at, leaf, vmid), at, page_bits);
    } else {
        std::set<unsigned> asids;
        for (const cd &c : s.contexts)
            asids.insert(c.asid);
        const bool shared = std::none_of(s.contexts.begin(), s.contexts.end(),
                                         [](const cd &c) { return c.aset != 0; });
        for (const unsigned asid : asids) {
            if (shared && rng_.coin())
                broadcast(s, SMMU_DVM_VA, at, asid);
            else
                issue(el2 ? tlbi_el2_va(at, asid, leaf) : tlbi_nh_va(at, asid, leaf, vmid), at,
                      page_bits);
        }
    }
}

// Fields of an STE that no TLB may hold (5.2.1), and its VMID: another tag.
void random_world::change_ste(random_stream &s)
{
    ste &e = s.entry;
    const smmu_config &cfg = dut_.config();
    switch (rng_.below(has_fresh_tag() ? 9 : 8)) {
    case 0:
        e.memattr = static_cast<unsigned>(rng_.bits(4));
        e.mtcfg = rng_.coin();
        break;
    case 1:
        e.shcfg = static_cast<unsigned>(rng_.bits(2));
        e.alloccfg = static_cast<unsigned>(rng_.bits(4));
        break;
    case 2:
        e.privcfg = static_cast<unsigned>(rng_.bits(2));
        break;
    case 3:
        e.instcfg = static_cast<unsigned>(rng_.bits(2));
        break;
    case 4:
        e.s1dss = static_cast<unsigned>(rng_.bits(2));
        break;
    case 5:
        e.s2r ^= 1;
        break;
    case 6:
        e.partid = static_cast<unsigned>(rng_.below(cfg.partid_max + 1u));
        e.s1mpam ^= 1;
        break;
    case 7:
        if (rng_.coin())
            e.config ^= STE_BYPASS;
        else
            e.v ^= 1;
        break;
    default:
        e.s2vmid = ++last_tag_;
        break;
    }
    dut_.set_ste(s.sid, e);
    const auto range = static_cast<unsigned>(rng_.below(9));
    if (rng_.one_in(4))
        dut_.submit(rng_.coin() ? cfgi_all() : cfgi_ste_range(s.sid ^ ones(1), range));
    else
        dut_.submit(cfgi_ste(s.sid, rng_.coin()));
}

// Fields of one CD that no TLB may hold (5.4.1), and its ASID: another tag.
void random_world::change_cd(random_stream &s)
{
    const smmu_config &cfg = dut_.config();
    const auto index = static_cast<uint32_t>(rng_.below(s.cds.size()));
    cd &c = s.contexts[index];
    switch (rng_.below(has_fresh_tag() ? 5 : 4)) {
    case 0:
        c.a = cfg.term_abort_only || rng_.coin();
        break;
    case 1:
        c.r ^= 1;
        break;
    case 2:
        c.partid = static_cast<unsigned>(rng_.below(cfg.partid_max + 1u));
        c.pmg = static_cast<unsigned>(rng_.below(cfg.pmg_max + 1u));
        break;
    case 3:
        c.v ^= 1;
        break;
    default:
        c.asid = ++last_tag_;
        break;
    }
    dut_.mem.store_image(s.cds[index], c.encode());
    if (rng_.one_in(4))
        dut_.submit(rng_.coin() ? cfgi_cd_all(s.sid) : cfgi_ste(s.sid, false));
    else
        dut_.submit(cfgi_cd(s.sid, index, rng_.coin()));
}

// Fields of all CDs of a stream, which have the same tables, that a TLB may hold.
void random_world::change_cds(random_stream &s)
{
    const uint64_t what = rng_.below(dut_.config().the ? 10 : 9), mair = rng_.bits(64);
    for (size_t i = 0; i < s.cds.size(); ++i) {
        cd &c = s.contexts[i];
        switch (what) {
        case 0:
            c.mair = mair;
            break;
        case 1:
            c.wxn ^= 1;
            break;
        case 2:
            c.pan ^= 1;
            break;
        case 3:
            c.had0 ^= 1;
            break;
        case 4:
            c.affd ^= 1;
            break;
        case 5:
            c.tbi0 ^= 1;
            break;
        case 6:
            c.e0pd0 ^= 1;
            break;
        case 7:
            c.epd0 ^= s.s1_vmsa32 || c.t0sz == 64 - s.low->shape().region_bits;
            break;
        case 9:
            c.pnch ^= 1;
            break;
        default:
            c.uwxn ^= 1;
            break;
        }
        dut_.mem.store_image(s.cds[i], c.encode());
    }
    if (rng_.coin())
        dut_.submit(cfgi_cd_all(s.sid));
    else
        for (uint32_t i = 0; i < s.cds.size(); ++i)
            dut_.submit(cfgi_cd(s.sid, i));
    forget_stage1(s);
}

// Whether the address is translated by its table, and that as large as it is: those of VMSAv8-32
// may have the same addresses (DDI 0487 G5.5.5), and TxSZ says anything where EPDx is or was 1.
static bool translates(const random_stream &s, const random_address &a)
{
    const unsigned low = s.low->shape().region_bits, high = s.high->shape().region_bits;
    const bool is_low = a.table == s.low.get();
    if (!s.s1_vmsa32)
        return is_low ? s.contexts[0].t0sz == 64 - low : s.contexts[0].t1sz == 64 - high;
    if (is_low)
        return high == 32 || a.at >> high != ones(32 - high);
    return low < 32 ? a.at >> low != 0 : high < 32;
}

void random_world::change_stage1(random_stream &s)
{
    const random_address &a = any(s.addresses);
    const uint64_t ia = a.at & ones(a.table->shape().region_bits);
    const bool table = a.table->change(ia);
    if (table)
        dut_.submit(is_el2(s) ? tlbi_el2_all() : tlbi_nh_all(s.entry.s2vmid));
    else if (!translates(s, a))
        forget_stage1(s);
    else
        forget_page(s, a.at, a.table->page_bits());
}

// 4.4.3.1: what is cached of both stages goes with stage 1. CDs, and tables of stage 1, may have
// been found through what has changed.
void random_world::change_stage2(random_stream &s)
{
    const random_address &a = any(s.addresses);
    const unsigned region = s.s2->shape().region_bits, vmid = s.entry.s2vmid;
    uint64_t ipa = a.at & ones(region);
    if (a.table != s.s2.get())
        ipa = a.table->grow(a.at & ones(a.table->shape().region_bits)).value_or(ipa) & ones(region);
    const bool table = s.s2->change(ipa);
    const uint64_t at = ipa & ~ones(12);
    if (table)
        dut_.submit(tlbi_s12_vmall(vmid));
    else
        issue(tlbi_s2_ipa(at, vmid, rng_.coin()), at, s.s2->page_bits());
    if (!s.cds.empty()) {
        dut_.submit(tlbi_nh_all(vmid));
        dut_.submit(cfgi_cd_all(s.sid));
    }
}

void random_world::change()
{
    random_stream &s = any(streams_);
    if (dut_.frames.allocate(0, 1) > full)
        return;
    const bool stage1 = !s.cds.empty();
    const uint64_t what = rng_.below(8);
    if (what == 0 || (!stage1 && !s.s2))
        change_ste(s);
    else if (what == 1 && stage1)
        change_cd(s);
    else if (what == 2 && stage1)
        change_cds(s);
    else if (stage1 && (!s.s2 || rng_.coin()))
        change_stage1(s);
    else
        change_stage2(s);
    if (dut_.cmdq_error() != 0)
        throw std::logic_error("maintenance failed");
}

// --- without effect -----------------------------------------------------------------------------

static command nobodys(random_source &rng)
{
    const auto tag = static_cast<unsigned>(rng.between(others, 255));
    const uint64_t at = rng.bits(36) << 12;
    switch (rng.below(5)) {
    case 0:
        return tlbi_nh_asid(tag, tag);
    case 1:
        return tlbi_nh_va(at, tag, rng.coin(), tag);
    case 2:
        return tlbi_s2_ipa(at, tag);
    case 3:
        return cfgi_cd(tag, tag);
    default:
        return cfgi_ste(tag);
    }
}

void random_world::disturb(const oracle::transaction &txn)
{
    smmu_txn probe{};
    probe.addr = txn.addr;
    probe.sid = txn.sid;
    probe.ssid = txn.ssid;
    probe.ssv = txn.ssv;
    probe.write = txn.write;
    probe.priv = txn.priv;
    smmu_result result;
    smmu_prefetch_request what{};
    switch (rng_.below(4)) {
    case 0:
        for (uint64_t left = rng_.one_in(4) ? rng_.between(14, 18) : 1; left != 0; --left)
            dut_.submit(nobodys(rng_));
        break;
    case 1:
        smmu_probe(dut_.smmu(), &probe, &result);
        break;
    case 2:
        what.addr = any(any(streams_).addresses).at;
        what.sid = any(streams_).sid;
        what.pages = static_cast<uint32_t>(rng_.below(4));
        smmu_prefetch(dut_.smmu(), &what);
        break;
    default:
        break;
    }
}
