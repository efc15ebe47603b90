/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded polling, so that what never happens becomes a failed test and not a hang. */
#ifndef LIB_WAIT_H
#define LIB_WAIT_H

/* Rounds of polling before giving up: far beyond what any awaited operation takes. */
#define WAIT_ROUNDS 5000000UL

/* Evaluate `condition` until it holds or patience ends; gives whether it held. */
#define wait_until(condition)                                                                      \
    ({                                                                                             \
        unsigned long rounds_ = WAIT_ROUNDS;                                                       \
        _Bool held_;                                                                               \
        while (!(held_ = (condition)) && --rounds_)                                                \
            __asm__ volatile("yield" ::: "memory");                                                \
        held_;                                                                                     \
    })

#endif
