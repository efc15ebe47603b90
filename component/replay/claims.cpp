// SPDX-License-Identifier: Apache-2.0
// What both sides do: see claims.hpp.
#include "claims.hpp"

namespace smmu {

std::optional<std::string> claims::settle(const std::string &what, both &sides)
{
    if (sides.log.empty() || sides.model.empty())
        return std::nullopt;
    const claim log = sides.log.front();
    const claim model = sides.model.front();
    sides.log.pop_front();
    sides.model.pop_front();
    if (sides.log.empty() && sides.model.empty())
        open_.erase(what);
    if (log.value == model.value)
        return std::nullopt;
    return "line " + std::to_string(log.line) + ": " + what + "\n  the log says    " + log.value +
           "\n  the model says  " + model.value + ", by what line " + std::to_string(model.line) +
           " asks for";
}

std::optional<std::string> claims::logged(const std::string &what, const std::string &value,
                                          unsigned line)
{
    both &sides = open_[what];
    sides.log.push_back({value, line});
    return settle(what, sides);
}

void claims::logged_pulse(const std::string &what, unsigned line)
{
    both &sides = open_[what];
    if (sides.model.empty())
        sides.log.push_back({"", line});
    else
        open_.erase(what);
}

std::optional<std::string> claims::done(const std::string &what, const std::string &value,
                                        unsigned line)
{
    both &sides = open_[what];
    sides.model.push_back({value, line});
    return settle(what, sides);
}

std::optional<std::string> claims::left() const
{
    unsigned first = 0;
    std::string text;
    const auto consider = [&](const std::string &what, const std::deque<claim> &side,
                              const char *words) {
        if (side.empty() || (first && side.front().line >= first))
            return;
        first = side.front().line;
        text = "line " + std::to_string(first) + ": " + what +
               (side.front().value.empty() ? "" : ", " + side.front().value) + "\n  " + words;
    };
    for (const auto &[what, sides] : open_) {
        consider(what, sides.log, "the log says so; the model has not done it");
        consider(what, sides.model, "the model has done it; the log does not say so");
    }
    return first ? std::optional(text) : std::nullopt;
}

} // namespace smmu
