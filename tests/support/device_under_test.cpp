// SPDX-License-Identifier: Apache-2.0
// Bring-up and queue handling (IHI 0070 3.5, 3.11), and the host side of the ops table.
#include "support/device_under_test.hpp"

#include <stdexcept>
#include <utility>

#include "support/register_access.hpp"

namespace support {

device_under_test::device_under_test(const smmu_config &cfg, bool ats,
                                     const std::function<void(smmu_ops &)> &adapt)
    : cfg_(cfg)
{
    strtab_.emplace(mem, frames, strtab_base, stream_table_shape{});
    smmu_ops ops{};
    ops.read = [](void *user, const smmu_mem_req *req, void *data) {
        auto *self = static_cast<device_under_test *>(user);
        self->check_request(*req);
        return self->mem.read(*req, data);
    };
    ops.write = [](void *user, const smmu_mem_req *req, const void *data) {
        auto *self = static_cast<device_under_test *>(user);
        self->check_request(*req);
        return self->mem.write(*req, data);
    };
    ops.cas = [](void *user, const smmu_mem_req *req, const void *expected, const void *value,
                 void *old) {
        auto *self = static_cast<device_under_test *>(user);
        self->check_request(*req);
        return self->mem.cas(*req, expected, value, old);
    };
    ops.resume = [](void *user, smmu_stall *stall, smmu_resume action) {
        static_cast<device_under_test *>(user)->resumed.push_back({stall, action});
    };
    ops.sev = [](void *user) { ++static_cast<device_under_test *>(user)->sevs; };
    ops.irq = [](void *user, smmu_sec, smmu_irq irq) {
        static_cast<device_under_test *>(user)->irqs.push_back(irq);
    };
    ops.defer = [](void *user) { static_cast<device_under_test *>(user)->deferred_ = true; };
    ops.inval = [](void *user, const smmu_inval *inval) {
        static_cast<device_under_test *>(user)->invals.push_back(*inval);
    };
    if (ats) {
        ops.atc_inv = [](void *user, const smmu_atc_inv *inv) {
            static_cast<device_under_test *>(user)->atc_invs.push_back(*inv);
        };
        ops.atc_sync = [](void *user, uint32_t) {
            auto *self = static_cast<device_under_test *>(user);
            self->atc_syncs++;
            return !std::exchange(self->atc_times_out, false);
        };
        ops.prg_response = [](void *user, const smmu_prg_response *response) {
            static_cast<device_under_test *>(user)->responses.push_back(*response);
        };
    }
    if (adapt)
        adapt(ops);
    smmu_error error{};
    smmu_ = smmu_create(&cfg_, &ops, this, &error);
    if (smmu_ == nullptr)
        throw std::invalid_argument(std::string(error.field) + ": " + error.reason);
}

device_under_test::~device_under_test()
{
    smmu_destroy(smmu_);
}

void device_under_test::check_request(const smmu_mem_req &req)
{
    const bool power = req.size >= 4 && req.size <= 64 && (req.size & (req.size - 1)) == 0;
    if (!power || req.addr % req.size != 0)
        contract_breaches.emplace_back("size or alignment");
    if (req.addr > ones(cfg_.oas_bits))
        contract_breaches.emplace_back("address beyond the OAS");
}

void device_under_test::run_if_deferred()
{
    if (!deferred_)
        return;
    deferred_ = false;
    smmu_run(smmu_);
}

uint32_t device_under_test::read32(uint32_t offset)
{
    return static_cast<uint32_t>(read_register(smmu_, offset, 4));
}

uint64_t device_under_test::read64(uint32_t offset)
{
    return read_register(smmu_, offset, 8);
}

void device_under_test::write32(uint32_t offset, uint32_t value)
{
    write_register(smmu_, offset, 4, value);
}

void device_under_test::write64(uint32_t offset, uint64_t value)
{
    write_register(smmu_, offset, 8, value);
}

void device_under_test::update_cr0(uint32_t value)
{
    write32(reg::CR0, value);
    if (read32(reg::CR0ACK) != value)
        throw std::runtime_error("CR0ACK does not follow CR0");
}

void device_under_test::bring_up(const bring_up_options &options)
{
    options_ = options;
    strtab_.emplace(mem, frames, strtab_base, options.strtab);
    cmdq_prod_ = 0;
    evtq_cons_ = 0;
    priq_cons_ = 0;

    write32(reg::CR1, 0xd75); // Inner Shareable, Write-Back
    write32(reg::CR2, options.cr2);
    write64(reg::STRTAB_BASE, strtab_->base());
    write32(reg::STRTAB_BASE_CFG, strtab_->base_cfg());
    write64(reg::CMDQ_BASE, cmdq_base | options.cmdq_log2);
    write32(reg::CMDQ_PROD, 0);
    write32(reg::CMDQ_CONS, 0);
    write64(reg::EVENTQ_BASE, evtq_base | options.evtq_log2);
    write32(reg::EVENTQ_PROD, 0);
    write32(reg::EVENTQ_CONS, 0);
    write64(reg::PRIQ_BASE, priq_base | options.priq_log2);
    write32(reg::PRIQ_PROD, 0);
    write32(reg::PRIQ_CONS, 0);
    write32(reg::IRQ_CTRL, options.irq_ctrl);
    update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    invalidate_all();
    update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN | options.cr0);
}

void device_under_test::set_ste(uint32_t sid, const ste &entry)
{
    mem.store_image(strtab_->ste_address(sid), entry.encode());
}

void device_under_test::submit(const command &cmd)
{
    const uint32_t index = cmdq_prod_ & ones(options_.cmdq_log2);
    mem.store_image(cmdq_base + uint64_t{index} * 16, cmd);
    cmdq_prod_ = (cmdq_prod_ + 1) & ones(options_.cmdq_log2 + 1);
    write32(reg::CMDQ_PROD, cmdq_prod_);
}

void device_under_test::invalidate_all()
{
    submit(cfgi_all());
    submit(tlbi_nsnh_all());
    submit(cmd_sync());
}

uint32_t device_under_test::cmdq_error()
{
    return reg::cmdq_cons_err(read32(reg::CMDQ_CONS));
}

void device_under_test::acknowledge_gerror()
{
    write32(reg::GERRORN, read32(reg::GERROR));
}

std::vector<image<4>> device_under_test::pop_raw_events()
{
    std::vector<image<4>> records;
    const uint32_t wrap_mask = ones(options_.evtq_log2 + 1);
    const uint32_t prod = read32(reg::EVENTQ_PROD) & wrap_mask;
    if (prod == evtq_cons_)
        return records;
    while (evtq_cons_ != prod) {
        const uint64_t index = evtq_cons_ & ones(options_.evtq_log2);
        records.push_back(mem.load_image<4>(evtq_base + index * 32));
        evtq_cons_ = (evtq_cons_ + 1) & wrap_mask;
    }
    const uint32_t flag = read32(reg::EVENTQ_CONS) & reg::EVENTQ_OVERFLOW;
    write32(reg::EVENTQ_CONS, evtq_cons_ | flag);
    return records;
}

std::vector<event> device_under_test::pop_events()
{
    std::vector<event> events;
    for (const auto &raw : pop_raw_events())
        events.push_back(event::decode(raw));
    return events;
}

void device_under_test::acknowledge_overflow()
{
    const uint32_t flag = read32(reg::EVENTQ_PROD) & reg::EVENTQ_OVERFLOW;
    write32(reg::EVENTQ_CONS, evtq_cons_ | flag);
}

std::vector<image<2>> device_under_test::pop_page_requests()
{
    std::vector<image<2>> records;
    const uint32_t wrap_mask = ones(options_.priq_log2 + 1);
    const uint32_t prod = read32(reg::PRIQ_PROD) & wrap_mask;
    while (priq_cons_ != prod) {
        const uint64_t index = priq_cons_ & ones(options_.priq_log2);
        records.push_back(mem.load_image<2>(priq_base + index * 16));
        priq_cons_ = (priq_cons_ + 1) & wrap_mask;
    }
    write32(reg::PRIQ_CONS, priq_cons_ | (read32(reg::PRIQ_CONS) & reg::PRIQ_OVERFLOW));
    return records;
}

smmu_ats_completion device_under_test::ats_translate(smmu_ats_request request)
{
    smmu_ats_completion completion{};
    request.stus = 1;
    smmu_ats_translate(smmu_, &request, &completion);
    return completion;
}

smmu_txn device_under_test::transaction(uint32_t sid, uint64_t va, const client_access &how)
{
    smmu_txn txn{};
    txn.addr = va;
    txn.sid = sid;
    txn.ssid = how.ssid;
    txn.ssv = how.ssv;
    txn.sec = SMMU_SEC_NS;
    txn.write = how.write;
    txn.instr = how.instr;
    txn.priv = how.priv;
    txn.translated = how.translated;
    txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER};
    return txn;
}

smmu_result device_under_test::translate(uint32_t sid, uint64_t va, const client_access &how)
{
    return run(transaction(sid, va, how));
}

smmu_result device_under_test::translate(smmu_stall &room, uint32_t sid, uint64_t va,
                                         const client_access &how)
{
    smmu_txn txn = transaction(sid, va, how);
    txn.stall = &room;
    return run(txn);
}

smmu_result device_under_test::retry(smmu_stall &room, uint32_t sid, uint64_t va,
                                     const client_access &how)
{
    smmu_txn txn = transaction(sid, va, how);
    txn.stall = &room;
    txn.retried = true;
    return run(txn);
}

smmu_result device_under_test::run(const smmu_txn &txn)
{
    smmu_result result{};
    smmu_translate(smmu_, &txn, &result);
    run_if_deferred();
    return result;
}

smmu_result device_under_test::probe(uint32_t sid, uint64_t va, const client_access &how)
{
    const smmu_txn txn = transaction(sid, va, how);
    smmu_result result{};
    smmu_probe(smmu_, &txn, &result);
    return result;
}

} // namespace support
