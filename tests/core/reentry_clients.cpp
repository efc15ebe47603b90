// SPDX-License-Identifier: Apache-2.0
// What a transaction goes through, and what its answer may be (IHI 0070 3.12.2, 3.21.1, 6.3.9.6).
#include "core/reentry_clients.hpp"

#include <algorithm>

#include "support/tables.hpp"

using namespace support;

namespace {

constexpr uint64_t output_base = 0x10'0000'0000;
constexpr unsigned move_shift = 16; // pages of a stream take less

uint64_t output(unsigned stream, unsigned page, unsigned moves)
{
    return output_base + (uint64_t{stream} << 34) + (uint64_t{moves} << move_shift) +
           (uint64_t{page} << 12);
}

constexpr uint64_t first_ipa = 0x30'0000'0000; // of the nested streams

} // namespace

uint64_t reentry_clients::address(unsigned page)
{
    return 0x4000 + (uint64_t{page} << 12);
}

// Stage 2 has the Stall model where the stream has no ATS (5.2, EATS).
reentry_clients::reentry_clients(reentry_host &host, const reentry_dpt &dpt)
    : host_(host), dpt_(dpt), stage1_(host, first_sid, 1), nested_(host, first_sid + 2, 3),
      nested_ats_(host, dpt_sid, 4), second_(host, 2), third_(host, 3), fourth_(host, 4)
{
    host_.on_resume = [this](smmu_stall *stall, smmu_resume action) { resumed(stall, action); };
    for (stage1_stream *s : {&stage1_, &nested_, &nested_ats_}) {
        s->context().s = 1;
        s->context().ha = s->context().hd = 1;
    }
    stage1_.stream().eats = 1;
    nested_ats_.stream().eats = 3;
    stage2_.config = STE_S2_TRANS;
    nested_.stream().config = nested_ats_.stream().config = STE_NESTED;
    for (stage2 *s : {&third_, &fourth_})
        s->map_structures(stage2_attributes{});
    second_.apply(stage2_);
    third_.apply(nested_.stream());
    fourth_.apply(nested_ats_.stream());
    for (ste *entry : {&stage2_, &nested_.stream(), &nested_ats_.stream()})
        entry->s2ha = entry->s2hd = 1;
    stage2_.s2s = nested_.stream().s2s = 1;
    for (stage1_stream *s : {&nested_, &nested_ats_})
        for (unsigned page = 0; page < pages; ++page)
            s->low.map(address(page), first_ipa + (uint64_t{page} << 12));
    for (stage1_stream *s : {&stage1_, &nested_, &nested_ats_})
        s->publish();
    host_.set_ste(first_sid + 1, stage2_);
    for (unsigned stream = 0; stream < streams; ++stream)
        for (unsigned page = 0; page < pages; ++page)
            move(stream, page, true);
    floor_ = moved_;
}

// --- memory --------------------------------------------------------------------------------------

void reentry_clients::unmap(unsigned stream, unsigned page)
{
    if (stream == 0)
        stage1_.low.unmap(address(page));
    else if (stream == 1)
        second_.table.unmap(address(page));
    else
        (stream == 2 ? third_ : fourth_).table.unmap(first_ipa + (uint64_t{page} << 12));
}

void reentry_clients::move(unsigned stream, unsigned page, bool accessed)
{
    const uint64_t to = output(stream, page, ++moved_[stream][page] & 0x3ffff);
    leaf_attributes leaf;
    leaf.af = accessed;
    stage2_attributes leaf2;
    leaf2.af = accessed;
    if (stream == 0)
        stage1_.low.map(address(page), to, 3, leaf);
    else if (stream == 1)
        second_.table.map(address(page), to, 3, leaf2);
    else
        (stream == 2 ? third_ : fourth_)
            .table.map(first_ipa + (uint64_t{page} << 12), to, 3, leaf2);
}

void reentry_clients::invalidated(const moves &then)
{
    for (unsigned stream = 0; stream < streams; ++stream)
        for (unsigned page = 0; page < pages; ++page)
            floor_[stream][page] = std::max(floor_[stream][page], then[stream][page]);
}

void reentry_clients::check_output(unsigned stream, uint64_t addr) const
{
    const auto page = static_cast<unsigned>(addr >> 12 & (ones(move_shift - 12)));
    check(addr >= output(stream, 0, 0) && addr < output(stream + 1, 0, 0) && page < pages,
          "an output address that nothing maps");
    check(addr >= output(stream, page, floor_[stream][page]), "an address invalidated before");
    check(addr < output(stream, page, moved_[stream][page] + 1), "an address of the future");
}

// --- calls ---------------------------------------------------------------------------------------

void reentry_clients::start(unsigned slot, const smmu_txn &txn)
{
    client &c = clients_[slot];
    if (c.at != phase::idle && c.at != phase::to_retry)
        return;
    const bool retried = c.at == phase::to_retry;
    if (!retried) {
        c.txn = txn;
        c.txn.stall = &c.room;
    }
    c.txn.retried = retried;
    c.at = phase::called;
    c.resumed = false;
    host_.spawn([this, &c] { call(c); }, true);
}

void reentry_clients::retry(unsigned slot)
{
    if (clients_[slot].at == phase::to_retry)
        start(slot, {});
}

void reentry_clients::lose(unsigned slot)
{
    client &c = clients_[slot];
    if (c.at != phase::to_retry && c.at != phase::stalled)
        return;
    const bool retries = c.at == phase::to_retry;
    c.at = phase::abandoned;
    const bool held = smmu_stall_abandon(host_.smmu(), &c.room);
    check(!(held && retries), "to be retried, and held");
    if (!held)
        c.at = phase::idle;
}

void reentry_clients::call(client &c)
{
    smmu_result result{};
    try {
        smmu_translate(host_.smmu(), &c.txn, &result);
    } catch (const reentry_host::killed &) {
        const bool held = smmu_stall_abandon(host_.smmu(), &c.room);
        check(!held || !c.resumed, "held, and resumed");
        c.at = held ? phase::abandoned : phase::idle;
        throw;
    }
    answered(c, result);
}

void reentry_clients::answered(client &c, const smmu_result &result)
{
    check(result.outcome <= SMMU_STALLED, "an unknown outcome");
    check(result.outcome == SMMU_STALLED || !c.resumed, "resumed without having stalled");
    check(result.outcome != SMMU_FORWARD || !c.txn.retried || !c.ended,
          "stalled, then translation ended, and goes on");
    if (result.outcome == SMMU_FORWARD)
        check_forward(c, result);
    else if (goes_by_dpt(c))
        seen_.dpt_refused++;
    c.at = phase::idle;
    if (result.outcome != SMMU_STALLED)
        return;
    c.at = phase::stalled;
    c.ended = false;
    if (c.resumed)
        let_go(c);
}

void reentry_clients::let_go(client &c)
{
    c.at = c.action == SMMU_RESUME_RETRY ? phase::to_retry : phase::idle;
    c.resumed = false;
}

void reentry_clients::resumed(smmu_stall *stall, smmu_resume action)
{
    client *c = nullptr;
    for (client &each : clients_)
        if (&each.room == stall)
            c = &each;
    check(c && !c->resumed && c->at != phase::idle && c->at != phase::to_retry,
          "resumed what does not wait");
    c->action = action;
    c->resumed = true;
    if (c->at == phase::stalled)
        let_go(*c);
    else if (c->at == phase::abandoned)
        c->at = phase::idle;
}

// From when ATSCHK is written 0 either value may count (6.3.9).
bool reentry_clients::goes_by_dpt(const client &c) const
{
    return c.txn.translated && c.txn.sid == dpt_sid &&
           (host_.reg(reg::CR0) & host_.reg(reg::CR0ACK) & reg::CR0_ATSCHK) != 0;
}

// Forwards are given without waiting once they are decided, so that the registers tell of them.
void reentry_clients::check_forward(const client &c, const smmu_result &result)
{
    const bool translates = result.tag.s1 || result.tag.s2;
    if (translates) {
        check(host_.enabled(reg::CR0_SMMUEN), "translated with SMMUEN == 0");
        check_output(c.txn.sid - first_sid, result.addr);
        seen_.translated.at(c.txn.sid - first_sid)++;
        return;
    }
    if (goes_by_dpt(c)) {
        dpt_.check_passed(result.addr, c.txn.write);
        seen_.dpt_passed++;
    }
    if (c.txn.translated)
        return;
    const uint32_t gbpa = host_.reg(reg::GBPA);
    // From when SMMUEN is written 0 either value may count (6.3.9.6).
    const bool to_stay = (host_.reg(reg::CR0) & reg::CR0_SMMUEN) != 0;
    check(!(to_stay && host_.enabled(reg::CR0_SMMUEN)), "not translated with SMMUEN == 1");
    check((gbpa & (reg::GBPA_UPDATE | reg::GBPA_ABORT)) != reg::GBPA_ABORT, "passes GBPA.ABORT");
}

void reentry_clients::request_translation(const smmu_ats_request &request)
{
    host_.spawn(
        [this, request] {
            smmu_ats_completion completion{};
            smmu_ats_translate(host_.smmu(), &request, &completion);
            if (!completion.r && !completion.w)
                return;
            check(host_.enabled(reg::CR0_SMMUEN), "ATS grants with SMMUEN == 0");
            check_output(request.sid - first_sid, completion.addr);
            seen_.granted_by_ats.at(request.sid - first_sid)++;
        },
        true);
}

void reentry_clients::translation_ended()
{
    for (client &c : clients_)
        c.ended = true;
}

void reentry_clients::check_rooms() const
{
    for (const client &c : clients_) {
        const bool held = smmu_stall_held(host_.smmu(), &c.room);
        const bool waits = c.at == phase::stalled || c.at == phase::abandoned;
        check(!held || host_.enabled(reg::CR0_SMMUEN), "stalled with SMMUEN == 0");
        check(c.at == phase::called ? !(held && c.resumed) : held == waits,
              "the SMMU and the client disagree on a stall");
    }
}

bool reentry_clients::all_idle() const
{
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const client &c) { return c.at == phase::idle; });
}
