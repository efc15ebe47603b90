// SPDX-License-Identifier: Apache-2.0
// Standard input as a terminal in raw mode, which it does not stay in whatever ends the program.
#ifndef VP_RAW_TERMINAL_HPP
#define VP_RAW_TERMINAL_HPP

namespace vp {

// For the lifetime of an object, of which there is one at most. A signal that ends or stops the
// program, a crash among them, first gives the terminal its mode back; a program that goes on after
// having been stopped makes it raw again. The terminal is left alone while another job has it. Does
// nothing if standard input is no terminal.
class raw_terminal {
  public:
    raw_terminal();
    ~raw_terminal();
    raw_terminal(const raw_terminal &) = delete;
    raw_terminal &operator=(const raw_terminal &) = delete;
};

} // namespace vp

#endif
