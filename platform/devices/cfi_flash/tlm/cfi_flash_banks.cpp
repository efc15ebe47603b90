// SPDX-License-Identifier: Apache-2.0
// Connects the flash kernel to sockets, bytes of the host and files.
#include "cfi_flash_banks.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "vp/register_socket.hpp"

namespace vp {

cfi_flash_bank::cfi_flash_bank(const sc_core::sc_module_name &name, options opts)
    : sc_module(name), socket("socket"), options_(std::move(opts)), memory_(options_.size),
      file_(nullptr, flash_file_close), core_(create(), cfi_flash_destroy)
{
    if (!options_.file.empty())
        open_file();
    socket.register_b_transport(this, &cfi_flash_bank::b_transport);
    socket.register_get_direct_mem_ptr(this, &cfi_flash_bank::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &cfi_flash_bank::transport_dbg);
}

cfi_flash *cfi_flash_bank::create()
{
    const cfi_flash_config config = {memory_.data(), options_.size, options_.write_protected};
    const cfi_flash_ops ops = {on_store, on_reads_array};
    char reason[120];

    cfi_flash *core = cfi_flash_create(&config, &ops, this, reason, sizeof reason);
    if (core == nullptr)
        throw std::invalid_argument(reason);
    return core;
}

void cfi_flash_bank::open_file()
{
    char reason[160];

    file_.reset(flash_file_open(options_.file.c_str(), !options_.write_protected, options_.size,
                                reason, sizeof reason));
    if (!file_)
        throw std::invalid_argument(options_.file + ": " + reason);
}

// The memory takes room on the host only if somebody looks at it, which most machines never do.
host_memory &cfi_flash_bank::array()
{
    char reason[160];

    if (loaded_)
        return memory_;
    loaded_ = true;
    std::memset(memory_.data(), CFI_FLASH_ERASED, options_.size);
    if (file_ && !flash_file_load(file_.get(), memory_.data(), reason, sizeof reason))
        throw std::runtime_error(options_.file + ": " + reason);
    return memory_;
}

void cfi_flash_bank::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
{
    host_memory &memory = array();

    if (trans.is_read() && cfi_flash_reads_array(core_.get()))
        trans.set_dmi_allowed(memory.access(trans));
    else
        trans.set_response_status(register_socket::access(cfi_flash_frame, core_.get(), trans));
}

bool cfi_flash_bank::get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
{
    const bool granted = array().grant(trans.get_address(), sc_core::SC_ZERO_TIME, dmi) &&
                         cfi_flash_reads_array(core_.get());

    dmi.set_granted_access(granted ? tlm::tlm_dmi::DMI_ACCESS_READ : tlm::tlm_dmi::DMI_ACCESS_NONE);
    return granted && trans.is_read();
}

unsigned cfi_flash_bank::transport_dbg(tlm::tlm_generic_payload &trans)
{
    return trans.is_read() ? array().debug_access(trans) : 0;
}

// Without a file the bank forgets at the end of the run.
bool cfi_flash_bank::on_store(void *user, std::uint64_t offset, std::uint32_t size)
{
    auto *self = static_cast<cfi_flash_bank *>(user);

    self->stores_++;
    return !self->file_ || flash_file_store(self->file_.get(), self->memory_.data(), offset, size);
}

void cfi_flash_bank::on_reads_array(void *user, bool array)
{
    auto *self = static_cast<cfi_flash_bank *>(user);

    if (!array)
        self->socket->invalidate_direct_mem_ptr(0, self->options_.size - 1);
}

cfi_flash_banks::cfi_flash_banks(const sc_core::sc_module_name &name,
                                 const std::vector<cfi_flash_bank::options> &banks)
    : sc_module(name)
{
    for (const cfi_flash_bank::options &row : banks)
        banks_.push_back(std::make_unique<cfi_flash_bank>(
            ("bank" + std::to_string(banks_.size())).c_str(), row));
}

std::vector<device::target *> cfi_flash_banks::regs()
{
    std::vector<target *> all;

    for (const auto &bank : banks_)
        all.push_back(&bank->socket);
    return all;
}

std::vector<device::counter> cfi_flash_banks::counters() const
{
    std::vector<counter> all;

    for (const auto &bank : banks_)
        all.push_back({bank->basename() + std::string("-stores"), bank->stores()});
    return all;
}

std::vector<std::string> cfi_flash_banks::files() const
{
    std::vector<std::string> all;

    for (const auto &bank : banks_)
        if (!bank->file().empty())
            all.push_back(bank->file());
    return all;
}

std::unique_ptr<device> make_cfi_flash(const dt_node &node, const char *name)
{
    const auto reg = node.reg();

    if (reg.size() != 2)
        node.fail("reg", "must have 2 entries, has " + std::to_string(reg.size()));
    if (node.u32("bank-width") != 4)
        node.fail("bank-width", "must be 4");
    const cfi_flash_bank::options firmware = {reg[0].size, node.string("vp,firmware", ""), true};
    const cfi_flash_bank::options kept = {reg[1].size, node.string("vp,backing-file", ""), false};
    return std::make_unique<cfi_flash_banks>(name, std::vector{firmware, kept});
}

} // namespace vp
