// SPDX-License-Identifier: Apache-2.0
// What the core asks of a TCU.
#ifndef SMMU_TLM_TCU_HOST_HPP
#define SMMU_TLM_TCU_HOST_HPP

#include <cstring>

#include "prefetcher.hpp"
#include "smmu/tlm/compare_and_swap.hpp"
#include "smmu/tlm/tcu.hpp"
#include "stalled_transactions.hpp"
#include "tcu_link.hpp"
#include "unit_times.hpp"
#include "walk_port.hpp"

namespace smmu {

// The ops of the core's host, answered by the tcu_base that `user` is.
struct tcu_base::host {
    static tcu_base &self(void *user) { return *static_cast<tcu_base *>(user); }

    static smmu_mem_status read(void *user, const smmu_mem_req *request, void *data)
    {
        return self(user).port_->access(tlm::TLM_READ_COMMAND, *request,
                                        static_cast<unsigned char *>(data));
    }

    static smmu_mem_status write(void *user, const smmu_mem_req *request, const void *data)
    {
        // The payload has one data pointer for both directions; a write only reads through it.
        return self(user).port_->access(
            tlm::TLM_WRITE_COMMAND, *request,
            const_cast<unsigned char *>(static_cast<const unsigned char *>(data)));
    }

    static smmu_mem_status cas(void *user, const smmu_mem_req *request, const void *expected,
                               const void *value, void *old)
    {
        compare_and_swap swap;
        swap.size = request->size;
        std::memcpy(swap.expected, expected, swap.size);
        std::memcpy(swap.value, value, swap.size);
        return self(user).port_->update(*request, swap, static_cast<unsigned char *>(old));
    }

    static void irq(void *user, smmu_sec sec, smmu_irq irq)
    {
        pulse_wire *const wires[SMMU_IRQ_COUNT] = {&self(user).evtq_pulse_, &self(user).priq_pulse_,
                                                   &self(user).cmd_sync_pulse_,
                                                   &self(user).gerror_pulse_};
        if (sec == SMMU_SEC_NS)
            wires[irq]->fire();
    }

    static void pmcg_irq(void *user, unsigned group) { self(user).pmcgs_[group]->interrupt(); }

    static std::uint64_t cycles(void *user) { return self(user).cycles(); }

    static void sev(void *user) { self(user).sev_pulse_.fire(); }

    static void resume(void *user, smmu_stall *stall, smmu_resume action)
    {
        self(user).stalled_->resume(stall, action);
    }

    static void drain(void *user) { self(user).drain(); }

    static bool busy(void *user) { return self(user).busy(); }

    static void atc_inv(void *user, const smmu_atc_inv *inv) { self(user).invalidate_atcs(*inv); }

    static bool atc_sync(void *user, std::uint32_t queue)
    {
        return self(user).wait_invalidated(queue);
    }

    static void prg_response(void *user, const smmu_prg_response *response)
    {
        self(user).send_response(*response);
    }

    static void defer(void *user)
    {
        self(user).rung_++;
        self(user).wake_.notify(sc_core::SC_ZERO_TIME);
    }

    static void lock(void *user) { self(user).mutex_.lock(); }
    static void unlock(void *user) { self(user).mutex_.unlock(); }

    static void use(void *user, const smmu_use *use)
    {
        const call_context *call = static_cast<const call_context *>(use->cookie);
        self(user).units_->use(*use, call ? call->delay : nullptr, call ? call->split : nullptr);
    }

    static void release(void *user, const smmu_use *use) { self(user).units_->release(*use); }

    static void prefetch(void *user, const smmu_prefetch_request *what)
    {
        self(user).prefetcher_->add(*what);
    }

    static bool spare(void *user, smmu_unit unit, bool held)
    {
        return self(user).units_->spare(unit, held);
    }

    static void inval(void *user, const smmu_inval *inval)
    {
        for (const auto &link : self(user).links_)
            if (link->tbu)
                link->tbu->invalidate(*inval);
    }

    static void observe(void *user, const smmu_observation *seen) { self(user).observer_(*seen); }

    static smmu_ops ops(std::uint32_t units, bool observed)
    {
        smmu_ops table = {};
        table.read = read;
        table.write = write;
        table.cas = cas;
        table.irq = irq;
        table.pmcg_irq = pmcg_irq;
        table.cycles = cycles;
        table.sev = sev;
        table.defer = defer;
        table.lock = lock;
        table.unlock = unlock;
        table.resume = resume;
        table.drain = drain;
        table.busy = busy;
        table.atc_inv = atc_inv;
        table.atc_sync = atc_sync;
        table.prg_response = prg_response;
        table.use = use;
        table.release = release;
        table.prefetch = prefetch;
        table.spare = spare;
        table.units = units;
        table.inval = inval;
        table.observe = observed ? observe : nullptr;
        return table;
    }
};

} // namespace smmu

#endif
