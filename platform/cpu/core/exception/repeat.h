/* SPDX-License-Identifier: Apache-2.0 */
/* A PE that has crashed for good: the instruction at the vector takes the exception that led there.
 * Nothing it does changes that, so what is left of a run can be left out. */
#ifndef A64_REPEAT_H
#define A64_REPEAT_H

#include "state/state.h"

/* Such an exception was taken just now. Ends the run if all that is left of it would be the same
 * again, and the world does not mind. */
void repeat_notice(struct a64_cpu *c, const struct a64_exception *exception);

#endif
