// SPDX-License-Identifier: Apache-2.0
// Where a device comes into a TBU.
#ifndef SMMU_TLM_TBU_PORT_HPP
#define SMMU_TLM_TBU_PORT_HPP

#include "client_rules.hpp"
#include "piece.hpp"
#include "question.hpp"
#include "smmu/tlm/tbu.hpp"
#include "tbu_traffic.hpp"

namespace smmu {

// Most transactions that block ask what the one before has asked, of a page whose answer is at
// hand: they pass at once, by what is kept here. All others go to the TBU, one that comes while
// another is downstream too.
class tbu_base::device_port final : public tlm::tlm_fw_transport_if<> {
  public:
    // The port of `initiator`; its transactions in four phases are those of `side`.
    device_port(tbu_base &of, unsigned initiator, tbu_traffic::device_side &side)
        : tbu_(of), tcu_(of.tcu_), initiator_(initiator), side_(side)
    {
    }

    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) override
    {
        const client_payload client(payload, attributes_in(payload));
        if (!passes_at_once(client, delay))
            tbu_.dev_b_transport(initiator_, payload, delay);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override
    {
        return side_.nb_transport_fw(payload, phase, delay);
    }
    unsigned transport_dbg(tlm::tlm_generic_payload &payload) override
    {
        return tbu_.dev_transport_dbg(payload);
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi) override
    {
        return tbu_.dev_get_direct_mem_ptr(payload, dmi);
    }

  private:
    // The piece for as long as a call downstream lasts. It has data then, and only then.
    class use {
      public:
        use(piece &used, const client_payload &client, const smmu_result &result) : piece_(used)
        {
            piece_.set_plain(client, result, result.addr + client.address() % smallest_page);
        }
        ~use() { piece_.set_data_ptr(nullptr); }
        use(const use &) = delete;
        use &operator=(const use &) = delete;

      private:
        piece &piece_;
    };

    // Find out what is asked; returns whether it has a kind. By values: an object that is passed on
    // here would be put together for every transaction.
    [[gnu::noinline]] bool ask_anew(tlm::tlm_generic_payload &payload, const attributes &from,
                                    question &other)
    {
        other.become(from);
        takes_ = tbu_.entry(1) + tcu_.times().tbu_issue;
        target_ = &tbu_.target();
        return tbu_.kind_of(client_payload(payload, from), other.kind);
    }

    // What `client` asks, if the answer may be at hand: it is a plain read or write inside a page,
    // which any answer holds for. Mostly it asks what one before it has asked.
    [[gnu::always_inline]] const question *asked(const client_payload &client)
    {
        const tlm::tlm_generic_payload &payload = client.payload;
        const auto command = static_cast<unsigned>(payload.get_command());
        const bool busy = piece_.get_data_ptr();
        if (command > tlm::TLM_WRITE_COMMAND || busy || !moves_all(payload) ||
            client.address() % smallest_page + client.length() > smallest_page ||
            !piece_.is_alone(payload))
            return nullptr;
        question &last = questions_[command];
        if (!last.is(client.from))
            return ask_anew(client.payload, client.from, last) ? &last : nullptr;
        return last.kind.sets ? &last : nullptr;
    }

    // Let `client` pass if what it asks has its answer at hand. Most do, and come no further.
    [[gnu::always_inline]] bool passes_at_once(const client_payload &client,
                                               sc_core::sc_time &delay)
    {
        const question *const what = asked(client);
        if (!what)
            return false;
        const smmu_result *const result = tcu_base::look_up(what->kind, client.address());
        if (!result)
            return false;
        if (takes_.value() != 0) // mostly nothing, and what is not stored costs nothing
            delay += takes_;
        const tcu_base::transit in_transit(tcu_);
        const use of(piece_, client, *result);
        target_->b_transport(piece_, delay);
        client.payload.set_dmi_allowed(piece_.is_dmi_allowed() & tbu_.dmi_allowed_);
        client.payload.set_response_status(piece_.get_response_status());
        return true;
    }

    question questions_[2];  // of the last read and of the last write
    sc_core::sc_time takes_; // what they take in the TBU where it is
    tbu_base &tbu_;
    tcu_base &tcu_;
    tlm::tlm_blocking_transport_if<> *target_ = nullptr; // known once something has been asked
    piece piece_;
    unsigned initiator_;
    tbu_traffic::device_side &side_;
};

} // namespace smmu

#endif
