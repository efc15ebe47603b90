// SPDX-License-Identifier: Apache-2.0
// The translation buffer unit: see smmu/tlm/tbu.hpp.
#include "smmu/tlm/tbu.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "client_rules.hpp"
#include "dmi_grants.hpp"
#include "errors.hpp"
#include "piece.hpp"
#include "smmu/tlm/attributes.hpp"
#include "spend.hpp"
#include "tbu_flight.hpp"
#include "tbu_port.hpp"

namespace smmu {

namespace {

// Whether what downstream granted holds the address that `result` leads to. An interconnect may
// answer for another one.
bool holds(const tlm::tlm_dmi &dmi, const smmu_result &result)
{
    return dmi.get_start_address() <= result.addr && result.addr <= dmi.get_end_address();
}

// Cut what downstream granted in output addresses to the mapping that `result` describes for the
// input address `address`, and turn it into input addresses. Returns the output range left.
address_range cut_to_mapping(const smmu_result &result, std::uint64_t address, tlm::tlm_dmi &dmi)
{
    const std::uint64_t mask = span_mask(result.span_log2);
    const std::uint64_t base = result.addr & ~mask;
    const address_range output = {std::max<std::uint64_t>(base, dmi.get_start_address()),
                                  std::min<std::uint64_t>(base | mask, dmi.get_end_address())};
    dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (output.first - dmi.get_start_address()));
    dmi.set_start_address((address & ~mask) + (output.first - base));
    dmi.set_end_address((address & ~mask) + (output.last - base));
    return output;
}

// Whether the answer to a transaction gives the right to do directly what the transaction does.
bool permits(const smmu_result &result, bool write)
{
    const unsigned need = write ? SMMU_PERM_W : result.instr ? SMMU_PERM_X : SMMU_PERM_R;
    return result.outcome == SMMU_FORWARD && (result.perm & need);
}

// Take from `dmi` the rights that the stream does not have. Returns whether what was asked for, to
// read or to write, remains.
bool cut_to_permissions(bool may_read, bool may_write, bool write, tlm::tlm_dmi &dmi)
{
    may_read = may_read && dmi.is_read_allowed();
    may_write = may_write && dmi.is_write_allowed();
    dmi.set_granted_access(static_cast<tlm::tlm_dmi::dmi_access_e>(
        (may_read ? tlm::tlm_dmi::DMI_ACCESS_READ : tlm::tlm_dmi::DMI_ACCESS_NONE) |
        (may_write ? tlm::tlm_dmi::DMI_ACCESS_WRITE : tlm::tlm_dmi::DMI_ACCESS_NONE)));
    return write ? may_write : may_read;
}

// A piece for as long as a call downstream lasts.
class lent_piece {
  public:
    explicit lent_piece(piece_pool &pool) : pool_(pool), piece_(pool.take()) {}
    ~lent_piece() { pool_.give(piece_); }
    lent_piece(const lent_piece &) = delete;
    lent_piece &operator=(const lent_piece &) = delete;

    piece &operator*() const { return piece_; }
    piece *operator->() const { return &piece_; }

  private:
    piece_pool &pool_;
    piece &piece_;
};

// See tbu_base::nobody().
class no_target : public tlm::tlm_fw_transport_if<> {
  public:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &) override
    {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                                       sc_core::sc_time &) override
    {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
    unsigned transport_dbg(tlm::tlm_generic_payload &) override { return 0; }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &) override { return false; }
};

bool refuse(std::uint64_t address, tlm::tlm_dmi &dmi)
{
    dmi.init();
    dmi.set_start_address(address);
    dmi.set_end_address(address);
    return false;
}

} // namespace

// Transactions that go by nb_transport, or that wait for each other; and where all go to, and come
// back from.
struct tbu_base::way final : tlm::tlm_bw_transport_if<>, tbu_traffic::translator {
    tbu_base &tbu;
    tbu_traffic traffic;

    explicit way(tbu_base &of)
        : tbu(of), traffic(
                       *this, of.tcu_, of.initiators_,
                       [this](unsigned initiator) -> tlm::tlm_bw_transport_if<> & {
                           return *tbu.upstream(initiator);
                       },
                       [this]() -> tlm::tlm_fw_transport_if<> & { return tbu.downstream(); })
    {
    }

    bool kind_of(const client_payload &client, smmu_txn_kind &kind) override
    {
        return is_ordinary(client.from) &&
               tbu.tcu_.kind_of(tbu.request(client, client.address()), kind);
    }
    bool answer(const client_payload &client, std::uint64_t address, smmu_result &result) override
    {
        return tbu.answer(client, tbu.request(client, address), address, result);
    }
    void request(const client_payload &client, std::uint64_t address, tcu_base::transit &in_transit,
                 sc_core::sc_time &delay, smmu_result &result) override
    {
        tbu.tcu_.request(tbu.request(client, address), in_transit, delay, result);
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override
    {
        return traffic.memory().nb_transport_bw(payload, phase, delay);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override
    {
        tbu.mem_invalidate_direct_mem_ptr(start, end);
    }
};

tbu_base::tbu_base(const sc_core::sc_module_name &name, tcu_base &owner, unsigned initiators)
    : sc_module(name), tcu_(owner), number_(owner.attach(*this)), initiators_(initiators),
      grants_(std::make_unique<dmi_grants>()), pieces_(std::make_unique<piece_pool>()),
      way_(std::make_unique<way>(*this))
{
    for (unsigned i = 0; i < initiators; i++)
        devices_.push_back(std::make_unique<device_port>(*this, i, way_->traffic.device(i)));
}

tbu_base::~tbu_base() = default;

tlm::tlm_fw_transport_if<> &tbu_base::device(unsigned initiator)
{
    return *devices_[initiator];
}

tlm::tlm_bw_transport_if<> &tbu_base::memory()
{
    return *way_;
}

tlm::tlm_fw_transport_if<> &tbu_base::nobody()
{
    static no_target target;
    return target;
}

void tbu_base::no_initiator(unsigned initiator) const
{
    refuse(host_error::port,
           std::string(name()) + ": no socket of an initiator " + std::to_string(initiator));
}

void tbu_base::allow_dmi(bool allowed)
{
    dmi_allowed_ = allowed;
    if (!allowed)
        withdraw(grants_->withdraw(address_range{0, ~std::uint64_t(0)}));
}

bool tbu_base::grants_dmi() const
{
    return dmi_allowed_ && tcu_.times().mode == timing_mode::loosely_timed;
}

// What a transaction that has to wait for nothing takes to enter, with so many beats, and to be
// looked up.
sc_core::sc_time tbu_base::entry(unsigned beats) const
{
    const timing &times = tcu_.times();
    return times.tbu_cycle == sc_core::SC_ZERO_TIME ? times.lookup
                                                    : beats * times.tbu_cycle + times.lookup;
}

// The byte at `offset` of a request, in the word that begins with its `sec`.
constexpr std::uint64_t in_word(std::size_t offset, std::uint8_t byte)
{
    const std::size_t behind = offset - offsetof(smmu_txn, sec);
    constexpr bool little_endian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    return std::uint64_t{byte} << 8 * (little_endian ? behind : 7 - behind);
}

// The core reads the eight bytes from `sec` to `retried` as a word, which a processor does not put
// together of bytes that it has just stored; so they are stored as one.
smmu_txn tbu_base::request(const attributes &from, std::uint64_t address, bool write) const
{
    static_assert(offsetof(smmu_txn, retried) - offsetof(smmu_txn, sec) == 7, "one word");
    const std::uint64_t kind =
        in_word(offsetof(smmu_txn, sec), static_cast<std::uint8_t>(from.sec)) |
        in_word(offsetof(smmu_txn, tbu), static_cast<std::uint8_t>(number_)) |
        in_word(offsetof(smmu_txn, ssv), from.ssv) |
        in_word(offsetof(smmu_txn, op), static_cast<std::uint8_t>(from.op)) |
        in_word(offsetof(smmu_txn, write), write) | in_word(offsetof(smmu_txn, instr), from.instr) |
        in_word(offsetof(smmu_txn, priv), from.priv);
    smmu_txn txn = {};
    txn.addr = address + from.begins_at();
    txn.sid = from.sid;
    txn.ssid = from.ssid;
    std::memcpy(reinterpret_cast<unsigned char *>(&txn) + offsetof(smmu_txn, sec), &kind,
                sizeof(kind));
    txn.translated = from.translated;
    txn.attr = from.memattr;
    return txn;
}

void tbu_base::probe_either(const attributes &from, std::uint64_t address, smmu_result &result)
{
    for (const bool write : {false, true}) {
        tcu_.probe(request(from, address, write), result);
        if (result.outcome == SMMU_FORWARD)
            break;
    }
}

// The request for the byte at `address` of `client`.
smmu_txn tbu_base::request(const client_payload &client, std::uint64_t address) const
{
    return request(client.from, address, client.payload.is_write());
}

bool tbu_base::answer(const client_payload &client, const smmu_txn &txn, std::uint64_t address,
                      smmu_result &result)
{
    if (is_empty(client)) {
        probe_either(client.from, address, result);
        return true;
    }
    return tcu_.look_up(txn, result);
}

// What is bound stays so.
tlm::tlm_fw_transport_if<> &tbu_base::target()
{
    if (!target_)
        target_ = &downstream();
    return *target_;
}

// The kind of what `client` asks, if it is ordinary, waits for nothing, and takes as long whatever
// its length. Returns whether it has one.
bool tbu_base::kind_of(const client_payload &client, smmu_txn_kind &kind) const
{
    const timing &times = tcu_.times();
    const bool write = client.payload.is_write();
    const bool beats = write && times.tbu_beat_bytes && times.tbu_cycle != sc_core::SC_ZERO_TIME;
    return times.mode == timing_mode::loosely_timed && is_ordinary(client.from) && !beats &&
           tcu_.kind_of(request(client, client.address()), kind);
}

void tbu_base::transport_loosely(const client_payload &client, sc_core::sc_time &delay)
{
    tlm::tlm_generic_payload &payload = client.payload;
    const lent_piece piece(*pieces_);
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    bool direct = true;
    const unsigned beats = beats_of(tcu_.times(), payload.is_write(), client.length());
    unsigned done = 0;
    do {
        const std::uint64_t address = client.address() + client.streamed(done);
        smmu_result result;
        tcu_base::transit in_transit(tcu_);
        delay += entry(done ? 0 : beats);
        const smmu_txn txn = request(client, address);
        if (!answer(client, txn, address, result))
            tcu_.request(txn, in_transit, delay, result);
        const unsigned length = covered(client, result, done);
        if (result.outcome == SMMU_FORWARD) {
            piece->set(client, result, done, length);
            delay += tcu_.times().tbu_issue;
            target().b_transport(*piece, delay);
            status = piece->get_response_status();
            direct = direct && piece->is_dmi_allowed();
        } else {
            direct = false;
            if (result.outcome == SMMU_RAZWI)
                client.raz_wi(done, length);
            else
                status = tlm::TLM_GENERIC_ERROR_RESPONSE;
        }
        done += length;
    } while (done < client.length() && status == tlm::TLM_OK_RESPONSE);
    payload.set_dmi_allowed(direct && dmi_allowed_);
    payload.set_response_status(status);
}

void tbu_base::dev_b_transport(unsigned initiator, tlm::tlm_generic_payload &payload,
                               sc_core::sc_time &delay)
{
    const client_payload client(payload, attributes_in(payload));
    const tlm::tlm_response_status status = check_client(client);
    if (status != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(status);
    } else if (tcu_.times().mode == timing_mode::loosely_timed) {
        transport_loosely(client, delay);
    } else {
        pass(delay);
        delay = sc_core::SC_ZERO_TIME;
        way_->traffic.transport(initiator, payload);
    }
}

unsigned tbu_base::dev_transport_dbg(tlm::tlm_generic_payload &payload)
{
    attributes from = attributes_in(payload);
    from.wrap_beat = 0;
    const client_payload client(payload, from);
    const lent_piece piece(*pieces_);
    unsigned done = 0;
    while (done < client.length()) {
        const std::uint64_t address = client.address() + done;
        smmu_result result;
        tcu_.probe(request(client.from, address, payload.is_write()), result);
        const unsigned length = covered(result, address, client.length() - done);
        if (result.outcome == SMMU_ABORT)
            break;
        unsigned moved = length;
        if (result.outcome == SMMU_RAZWI) {
            client.raz_wi(done, length);
        } else {
            piece->set(client, result, done, length);
            moved = downstream().transport_dbg(*piece);
        }
        done += moved;
        if (moved != length)
            break;
    }
    return done;
}

bool tbu_base::dev_get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi)
{
    attributes from = attributes_in(payload);
    from.wrap_beat = 0;
    const client_payload client(payload, from);
    const std::uint64_t address = client.address();
    if (!grants_dmi())
        return refuse(address, dmi);
    smmu_result result;
    tcu_.probe(request(client.from, address, payload.is_write()), result);
    if (!permits(result, payload.is_write()))
        return refuse(address, dmi);
    smmu_result as_read = result; // a write's answer does not tell whether reads are fetches
    if (payload.is_write())
        tcu_.probe(request(client.from, address, false), as_read);
    const lent_piece piece(*pieces_);
    piece->set(client, result, 0, client.length());
    if (!downstream().get_direct_mem_ptr(*piece, dmi) || !holds(dmi, result) ||
        !cut_to_permissions(permits(as_read, false), permits(result, true), payload.is_write(),
                            dmi))
        return refuse(address, dmi);
    const sc_core::sc_time ours = entry(1) + tcu_.times().tbu_issue;
    dmi.set_read_latency(dmi.get_read_latency() + ours);
    dmi.set_write_latency(dmi.get_write_latency() + ours);
    const address_range output = cut_to_mapping(result, address, dmi);
    const address_range input = {dmi.get_start_address(), dmi.get_end_address()};
    return grants_->add({input, output, result.tag}) || refuse(address, dmi);
}

void tbu_base::invalidate(const smmu_inval &inval)
{
    withdraw(grants_->withdraw(inval));
}

bool tbu_base::holds_answers() const
{
    return !grants_->empty();
}

void tbu_base::measure(measurement &by)
{
    way_->traffic.measure(by, number_);
}

void tbu_base::mem_invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    withdraw(grants_->withdraw(address_range{start, end}));
}

void tbu_base::withdraw(const std::vector<address_range> &inputs)
{
    for (const address_range &input : inputs)
        for (unsigned i = 0; i < initiators_; i++)
            if (tlm::tlm_bw_transport_if<> *const initiator = upstream(i))
                initiator->invalidate_direct_mem_ptr(input.first, input.last);
}

template class basic_tbu<32>;

} // namespace smmu
