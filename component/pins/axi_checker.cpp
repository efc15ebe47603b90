// SPDX-License-Identifier: Apache-2.0
// A bus that is watched: see smmu/pins/axi_checker.hpp.
#include "smmu/pins/axi_checker.hpp"

#include "axi_watch.hpp"

namespace smmu::pins {

axi_checker_base::axi_checker_base(const sc_core::sc_module_name &name, const axi_shape &shape)
    : sc_module(name), watch_(std::make_unique<axi_watch>(*this, shape))
{
}

axi_checker_base::~axi_checker_base() = default;

void axi_checker_base::set_limits(const axi_limits &limits)
{
    watch_->set_limits(limits);
}

std::uint64_t axi_checker_base::complaints() const
{
    return watch_->complaints();
}

std::uint64_t axi_checker_base::cycles() const
{
    return watch_->cycles();
}

std::size_t axi_checker_base::in_flight() const
{
    return watch_->in_flight();
}

void axi_checker_base::edge(const axi_pins &pins, pin_level aresetn)
{
    watch_->edge(pins, aresetn);
}

void axi_checker_base::edge(const axi_values &pins, pin_level aresetn)
{
    watch_->edge(pins, aresetn);
}

} // namespace smmu::pins
