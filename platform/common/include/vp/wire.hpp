// SPDX-License-Identifier: Apache-2.0
// An interrupt wire without delta delay: what the writer drives, the listener sees at once.
#ifndef VP_WIRE_HPP
#define VP_WIRE_HPP

#include <functional>
#include <utility>

#include <systemc>

namespace vp {

// Can be bound wherever a signal of bool can. A CPU that runs ahead of simulated time and clears an
// interrupt in a device has to see the line fall with that very access, not when it next yields.
// Any process may write.
class wire : public sc_core::sc_object, public sc_core::sc_signal_inout_if<bool> {
  public:
    explicit wire(const char *name) : sc_object(name) {}

    // Call `listener` on every change, from inside write(). One listener.
    void listen(std::function<void(bool level)> listener) { listener_ = std::move(listener); }

    void write(const bool &level) override
    {
        if (level == level_)
            return;
        level_ = level;
        changed_.notify(sc_core::SC_ZERO_TIME);
        (level ? rose_ : fell_).notify(sc_core::SC_ZERO_TIME);
        if (listener_)
            listener_(level);
    }

    const bool &read() const override { return level_; }
    const bool &get_data_ref() const override { return level_; }
    const sc_core::sc_event &default_event() const override { return changed_; }
    const sc_core::sc_event &value_changed_event() const override { return changed_; }
    const sc_core::sc_event &posedge_event() const override { return rose_; }
    const sc_core::sc_event &negedge_event() const override { return fell_; }
    bool event() const override { return changed_.triggered(); }
    bool posedge() const override { return rose_.triggered(); }
    bool negedge() const override { return fell_.triggered(); }
    sc_core::sc_writer_policy get_writer_policy() const override
    {
        return sc_core::SC_MANY_WRITERS;
    }

  private:
    bool level_ = false;
    std::function<void(bool)> listener_;
    sc_core::sc_event changed_;
    sc_core::sc_event rose_;
    sc_core::sc_event fell_;
};

} // namespace vp

#endif
