// SPDX-License-Identifier: Apache-2.0
// Clock and reset of a model of RTL that is evaluated by a call for each cycle. The clock stands
// while the model has nothing to do, and cycles that nobody else can notice are done in one go.
#ifndef VP_RTL_STEPPER_HPP
#define VP_RTL_STEPPER_HPP

#include <cstdint>

#include <systemc>

namespace vp {

// A model with what is at its pins.
class rtl_steps {
  public:
    // One cycle: the rising edge at `rises`, which may be later than sc_time_stamp(), and all until
    // the next one. The reset is active low.
    virtual void cycle(bool reset_n, const sc_core::sc_time &rises) = 0;
    // Whether the model or a bridge at it has something to do.
    virtual bool wanted() const = 0;
    // Whether nothing leaves the pins in the next cycle: nothing that others could notice.
    virtual bool is_quiet() const = 0;
    // Whether outputs are others than publish() has said.
    virtual bool has_news() const = 0;
    // Called at the time of the edge that has brought these outputs.
    virtual void publish() = 0;
    // Cycles out of reset at the edges behind `edge`, which becomes the last one: `most` of them
    // and before `next`, as long as the model is quiet and wanted, and up to the first with news.
    // Returns how many.
    virtual unsigned go_ahead(sc_core::sc_time &edge, const sc_core::sc_time &period,
                              const sc_core::sc_time &next, unsigned most) = 0;

  protected:
    ~rtl_steps() = default;
};

// What MODEL is derived from, which has the functions of rtl_steps but for go_ahead(): its cycles
// are a loop without calls where MODEL is final. It is a friend of MODEL unless they are public.
template <class MODEL> class rtl_steps_of : public rtl_steps {
  protected:
    ~rtl_steps_of() = default;

  private:
    unsigned go_ahead(sc_core::sc_time &edge, const sc_core::sc_time &period,
                      const sc_core::sc_time &next, unsigned most) final
    {
        MODEL &model = static_cast<MODEL &>(*this);
        const sc_core::sc_time step = period;
        const sc_core::sc_time end = next;
        sc_core::sc_time rises = edge;
        unsigned done = 0;
        while (done < most && rises + step < end && model.is_quiet() && model.wanted()) {
            rises += step;
            model.cycle(true, rises);
            done++;
            if (model.has_news())
                break;
        }
        edge = rises;
        return done;
    }
};

// Rising edges are at multiples of the period. As long as nothing else is to happen in the
// simulation before an edge, and the model is quiet, it is evaluated for that edge at once, without
// an event of the kernel's: the simulation cannot tell, as all that the model says is said at its
// time.
class rtl_stepper : public sc_core::sc_module {
  public:
    // Cycles in reset at the beginning, and those that the clock runs on without being wanted.
    static constexpr unsigned reset_cycles = 4;
    static constexpr unsigned extra_cycles = 2;
    // Cycles at most in one go: who stops the simulation, by sc_start() with a time, finds the
    // model that far ahead.
    static constexpr unsigned most_at_once = 64;

    // `period` is not zero. `model` must outlive it.
    rtl_stepper(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
                rtl_steps &model);

    // Lets it run: something has come that rtl_steps::wanted() knows of.
    void wake();

    // Rising edges so far.
    std::uint64_t cycles() const { return cycles_; }

  private:
    void tick();
    void go_on(const sc_core::sc_time &free);
    bool runs_on();

    const sc_core::sc_time period_;
    const sc_core::sc_time &now_ = sc_core::sc_time_stamp();
    sc_core::sc_time edge_; // the last one, which may be later
    rtl_steps &model_;
    sc_core::sc_event due_; // the next call of tick()
    std::uint64_t cycles_ = 0;
    unsigned idle_ = 0; // cycles in a row
    bool stands_ = false;
    bool untold_ = false;   // outputs that are due now have not been published
    bool deferred_ = false; // others of the delta cycle have gone first
    bool asked_ = false;    // the edge has asked something of others that is not answered
};

} // namespace vp

#endif
