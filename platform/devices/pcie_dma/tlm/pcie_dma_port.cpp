// SPDX-License-Identifier: Apache-2.0
// Finding the function behind a port; the ways of software to its engine, and of that to memory.
#include "pcie_dma_port.hpp"

#include "pcie_dma_function.hpp"
#include "smmu/tlm/attributes.hpp"
#include "vp/bus_access.hpp"

namespace vp {

namespace {

// Without `iommus` there is no SMMU to care for the StreamID.
std::vector<std::uint32_t> read_sids(const dt_node &node)
{
    std::vector<std::uint32_t> sids;

    for (const dt_specifier &stream : node.specifiers("iommus", "#iommu-cells")) {
        if (stream.args.empty())
            node.fail("iommus", "has an entry without a StreamID");
        sids.push_back(stream.args[0]);
    }
    return sids.empty() ? std::vector<std::uint32_t>{0} : sids;
}

} // namespace

pcie_dma_port::pcie_dma_port(const sc_core::sc_module_name &name, const dt_node &node)
    : sc_module(name), node_(node), sids_(read_sids(node)), regs_("regs", pcie_dma_frame),
      master_("master"), irq_("irq")
{
}

void pcie_dma_port::connect(const finder &find)
{
    const dt_node target = node_.by_phandle("vp,function", node_.u32("vp,function"));

    function_ = dynamic_cast<pcie_dma_function *>(find(target));
    if (function_ == nullptr)
        node_.fail("vp,function", target.path() + " is not an enabled vp,pcie-dma");
    if (const pcie_dma_port *other = function_->port())
        node_.fail("vp,function", target.path() + " has a port already: " + other->node().path());
    function_->attach(*this);
    regs_.set_device(function_->engine());
}

std::vector<device::counter> pcie_dma_port::counters() const
{
    return {{"bytes-read", read_bytes_}, {"bytes-written", written_bytes_}};
}

// --- up: the engine ---

pcie_access_end pcie_dma_port::transport(tlm::tlm_command command, unsigned ring,
                                         std::uint64_t addr, void *data, std::uint32_t size)
{
    smmu::attributes attributes;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;

    attributes.sid = sids_[ring % sids_.size()];
    const vp_status status = bus_access(master_, command, addr, data, size, delay, attributes);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return status == VP_OK ? PCIE_ACCESS_DONE : PCIE_ACCESS_ABORTED;
}

pcie_access_end pcie_dma_port::read(unsigned ring, std::uint64_t addr, void *data,
                                    std::uint32_t size)
{
    read_bytes_ += size;
    return transport(tlm::TLM_READ_COMMAND, ring, addr, data, size);
}

pcie_access_end pcie_dma_port::write(unsigned ring, std::uint64_t addr, const void *data,
                                     std::uint32_t size)
{
    written_bytes_ += size;
    // TLM has one pointer for both directions; a target does not change what it is written.
    return transport(tlm::TLM_WRITE_COMMAND, ring, addr, const_cast<void *>(data), size);
}

void pcie_dma_port::set_irq(bool level)
{
    if (irq_.size() != 0)
        irq_->write(level);
}

std::unique_ptr<device> make_dma_port(const dt_node &node, const char *name)
{
    return std::make_unique<pcie_dma_port>(name, node);
}

} // namespace vp
