// SPDX-License-Identifier: Apache-2.0
// What the log says the SMMU does by itself, and what the model does.
#ifndef COMPONENT_REPLAY_CLAIMS_HPP
#define COMPONENT_REPLAY_CLAIMS_HPP

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace smmu {

// Either side may be first, so that each waits for the other: of one kind and place, such as the
// writes of one address, the first of the log is that of the model, and so on.
class claims {
  public:
    // The log says on `line` that `what` is done, with this value, which may be empty. Returns the
    // difference, if there is one.
    std::optional<std::string> logged(const std::string &what, const std::string &value,
                                      unsigned line);
    // The same of interrupts: a pulse stands for all that the model has asked for before it, as
    // they may coalesce (IHI 0070 3.18).
    void logged_pulse(const std::string &what, unsigned line);
    // The model has done it while `line` was replayed.
    std::optional<std::string> done(const std::string &what, const std::string &value,
                                    unsigned line);
    // A reset: what one side alone has said or done so far, the other one need not.
    void forget() { open_.clear(); }
    // At the end of the log: what has been said or done by one side alone, the first by its line.
    std::optional<std::string> left() const;

  private:
    struct claim {
        std::string value;
        unsigned line;
    };
    struct both {
        std::deque<claim> log;
        std::deque<claim> model;
    };

    std::optional<std::string> settle(const std::string &what, both &sides);

    std::map<std::string, both> open_;
};

} // namespace smmu

#endif
