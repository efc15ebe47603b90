// SPDX-License-Identifier: Apache-2.0
// The C core behind the machine interface: memory that ends where QEMU's RAM does.
#include "differential/core_machine.hpp"

#include <array>
#include <stdexcept>

#include "support/register_access.hpp"

namespace differential {

// IDR0 0x0d40101a, IDR1 0x02730010, IDR3 0x1404, IDR5 0x74.
static smmu_config config_like_qemu()
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 44;
    cfg.ssid_bits = 0;
    cfg.s2p = false;
    cfg.vmid16 = false;
    cfg.hyp = false;
    cfg.ttendian = SMMU_TT_LITTLE;
    cfg.httu = SMMU_HTTU_NONE;
    cfg.cd2l = false;
    cfg.stall_model = SMMU_TERMINATE_ONLY;
    cfg.stall_max = 0;
    cfg.term_abort_only = true;
    cfg.msi = false;
    cfg.sev = false;
    cfg.vmsa32 = false;
    cfg.stt = false;
    cfg.fwb = false;
    cfg.ptwnnc = false;
    cfg.ats = false;
    cfg.pri = false;
    cfg.atos = false;
    cfg.vatos = false;
    cfg.attr_types_ovr = false;
    cfg.attr_perms_ovr = false;
    cfg.walk_s1 = {0, 0}; // QEMU keeps no table descriptors: what is stale would differ, rightly
    return cfg;
}

static bool in_ram(uint64_t addr, size_t size)
{
    return addr >= ram_base && addr + size <= ram_end;
}

core_machine::core_machine()
{
    mem_.keep_log(false);
    mem_.abort_on({0, ram_base - 1, {}});
    mem_.abort_on({ram_end, ~uint64_t{0}, {}});
    smmu_ops ops{};
    ops.read = [](void *user, const smmu_mem_req *req, void *data) {
        return static_cast<core_machine *>(user)->mem_.read(*req, data);
    };
    ops.write = [](void *user, const smmu_mem_req *req, const void *data) {
        return static_cast<core_machine *>(user)->mem_.write(*req, data);
    };
    const smmu_config cfg = config_like_qemu();
    smmu_error error{};
    smmu_ = smmu_create(&cfg, &ops, this, &error);
    if (smmu_ == nullptr)
        throw std::invalid_argument(std::string(error.field) + ": " + error.reason);
}

core_machine::~core_machine()
{
    smmu_destroy(smmu_);
}

uint32_t core_machine::read32(uint32_t offset)
{
    return static_cast<uint32_t>(support::read_register(smmu_, offset, 4));
}

uint64_t core_machine::read64(uint32_t offset)
{
    return support::read_register(smmu_, offset, 8);
}

void core_machine::write32(uint32_t offset, uint32_t value)
{
    support::write_register(smmu_, offset, 4, value);
}

void core_machine::write64(uint32_t offset, uint64_t value)
{
    support::write_register(smmu_, offset, 8, value);
}

void core_machine::store(uint64_t addr, const void *data, size_t size)
{
    mem_.store(addr, data, size);
}

uint64_t core_machine::load64(uint64_t addr)
{
    return mem_.load64(addr);
}

void core_machine::zero(uint64_t addr, uint64_t size)
{
    static const std::array<uint8_t, 4096> blank{};
    for (uint64_t done = 0; done < size; done += blank.size())
        mem_.store(addr + done, blank.data(), blank.size());
}

// edu has neither privilege nor instruction fetches. QEMU lets it do what a privileged client may.
static smmu_txn transaction(unsigned device, uint64_t addr, bool write)
{
    smmu_txn txn{};
    txn.addr = addr;
    txn.sid = stream_of(device);
    txn.sec = SMMU_SEC_NS;
    txn.write = write;
    txn.priv = true;
    txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER};
    return txn;
}

smmu_result core_machine::probe(unsigned device, uint64_t addr, bool write) const
{
    const smmu_txn txn = transaction(device, addr, write);
    smmu_result result{};
    smmu_probe(smmu_, &txn, &result);
    return result;
}

smmu_result core_machine::translate(unsigned device, uint64_t addr, bool write)
{
    const smmu_txn txn = transaction(device, addr, write);
    smmu_result result{};
    smmu_translate(smmu_, &txn, &result);
    smmu_run(smmu_);
    return result;
}

uint64_t core_machine::dma_read(unsigned device, uint64_t addr)
{
    const smmu_result result = translate(device, addr, false);
    return result.outcome == SMMU_FORWARD && in_ram(result.addr, 8) ? load64(result.addr) : 0;
}

void core_machine::dma_write(unsigned device, uint64_t addr, uint64_t data)
{
    const smmu_result result = translate(device, addr, true);
    if (result.outcome == SMMU_FORWARD && in_ram(result.addr, 8))
        mem_.store64(result.addr, data);
}

} // namespace differential
