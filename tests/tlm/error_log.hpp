// SPDX-License-Identifier: Apache-2.0
// Errors that models report, kept for the test instead of ending the simulation.
#ifndef TESTS_TLM_ERROR_LOG_HPP
#define TESTS_TLM_ERROR_LOG_HPP

#include <string>
#include <vector>

#include <systemc>

namespace tlm_test {

// At most one at a time. Other reports are what they were.
class error_log {
  public:
    error_log()
    {
        current() = this;
        sc_core::sc_report_handler::set_handler(&error_log::handle);
    }
    ~error_log()
    {
        sc_core::sc_report_handler::set_handler(nullptr); // the default one
        current() = nullptr;
    }
    error_log(const error_log &) = delete;
    error_log &operator=(const error_log &) = delete;

    std::vector<std::string> ids;
    std::vector<std::string> texts;

  private:
    static error_log *&current()
    {
        static error_log *log = nullptr;
        return log;
    }

    static void handle(const sc_core::sc_report &report, const sc_core::sc_actions &actions)
    {
        if (report.get_severity() != sc_core::SC_ERROR) {
            sc_core::sc_report_handler::default_handler(report, actions);
            return;
        }
        current()->ids.emplace_back(report.get_msg_type());
        current()->texts.emplace_back(report.get_msg());
    }
};

} // namespace tlm_test

#endif
