/* SPDX-License-Identifier: Apache-2.0 */
/* The translator: blocks that run often are turned into host instructions. Whatever it does not
 * translate is interpreted, in the middle of a translated block too, and all that can be seen is as
 * if everything were. */
#ifndef A64_TRANSLATOR_H
#define A64_TRANSLATOR_H

#include "state/state.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef A64_TRANSLATES

/* A translator that turns to a block when it has run `after` times. NULL if `after` is 0, or if the
 * host lacks instructions, memory or the right to execute what has been written to it. */
struct a64_translator *translator_create(uint32_t after);
void translator_destroy(struct a64_translator *t); /* NULL is fine */

/* `block` has been entered in the store just now: from here on the translator of `c`, if there is
 * one, counts how often it runs. */
void translator_watch(struct a64_cpu *c, struct a64_block *block);

#else /* for this host there is none */

static inline struct a64_translator *translator_create(uint32_t after)
{
    (void)after;
    return NULL;
}

static inline void translator_destroy(struct a64_translator *t)
{
    (void)t;
}

static inline void translator_watch(struct a64_cpu *c, struct a64_block *block)
{
    (void)c;
    (void)block;
}

#endif

#ifdef __cplusplus
}
#endif

#endif
