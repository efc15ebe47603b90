// SPDX-License-Identifier: Apache-2.0
// Who else is listened to while the simulation waits for a debugger.
#ifndef VP_BYSTANDER_HPP
#define VP_BYSTANDER_HPP

namespace vp {

class bystander {
  public:
    virtual ~bystander() = default;

    // The descriptor that input comes on; -1: there is none at present.
    virtual int descriptor() const = 0;

    // There is input. True: the debugger shall not be waited for any longer.
    virtual bool look() = 0;
};

} // namespace vp

#endif
