// SPDX-License-Identifier: Apache-2.0
// "vp,pcie-dma", a DMA engine with descriptor rings as a PCI Express function.
#ifndef VP_PCIE_DMA_FUNCTION_HPP
#define VP_PCIE_DMA_FUNCTION_HPP

#include <memory>
#include <vector>

#include "pcie_dma/pcie_dma.h"
#include "pcie_function.hpp"

namespace vp {

class pcie_dma_port;

class pcie_dma_function : public pcie_function {
  public:
    struct options {
        unsigned rings = 4;
        unsigned burst_bytes = 256;
        translation_options translations;
        request_options requests;
        sc_core::sc_time burst_time{100, sc_core::SC_NS}; // of each access, beside what the way
                                                          // takes; not zero, so that time passes
    };

    // Throws std::invalid_argument for options that make no sense.
    pcie_dma_function(const sc_core::sc_module_name &name, const options &opts, pcie_kind kind);

    // Bytes by either way; the port counts its own too.
    std::vector<device::counter> counters() const override;

    // Before simulation starts: the platform interface of the engine, which must outlive it; at
    // most one.
    void attach(pcie_dma_port &port);
    const pcie_dma_port *port() const { return port_; }

    pcie_dma *engine() { return core_.get(); }

  private:
    struct deleter {
        void operator()(pcie_dma *d) const { pcie_dma_destroy(d); }
    };

    vp_status bar_read(unsigned bar, std::uint64_t offset, unsigned size,
                       std::uint64_t &value) override;
    vp_status bar_write(unsigned bar, std::uint64_t offset, unsigned size,
                        std::uint64_t value) override;
    void function_reset() override;
    void start_of_simulation() override;
    void serve(unsigned ring);
    void serve_stops();
    dma_way way_of(const pcie_dma_way &way) const;
    void add_reads(pcie_dma_ops &ops);
    pcie_dma *create();

    options options_;
    pcie_dma_port *port_ = nullptr;
    std::vector<std::vector<read_group>> reads_; // of each ring, by number
    std::uint64_t read_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
    std::vector<std::unique_ptr<sc_core::sc_event>> started_;
    sc_core::sc_event stop_asked_;
    std::unique_ptr<pcie_dma, deleter> core_;
};

// Factory for "vp,pcie-dma"; docs/pcie-dma.md lists the properties.
std::unique_ptr<pcie_function> make_dma_function(const dt_node &node, const char *name,
                                                 pcie_kind kind);

} // namespace vp

#endif
