// SPDX-License-Identifier: Apache-2.0
// Standard input, output and error of the program.
#ifndef VP_STANDARD_FILES_HPP
#define VP_STANDARD_FILES_HPP

namespace vp {

// To be called before anything is opened: a file that is opened while one of the three is closed
// gets its number, and what is written to the console goes there. In place of closed ones there is
// /dev/null. A pipe whose reader has gone, and a limit of file sizes, are errors of the write from
// now on, not signals. Throws input_error if standard output is closed, or there is no /dev/null.
void claim_standard_files();

// The last call: false if not all that was printed has been written to standard output.
bool finish_standard_output();

} // namespace vp

#endif
