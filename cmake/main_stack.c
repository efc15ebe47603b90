/* SPDX-License-Identifier: Apache-2.0 */
/* SystemC 2.3.4 tells AddressSanitizer of each change of stacks, but has nothing to say of the one
 * that the program began on. The sanitizer then takes that for empty, and an exception that is
 * thrown there after a simulation, or a function that does not return, for an overflow. This comes
 * between the two, in programs that have both. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

typedef void switching(void **fake, const void *bottom, size_t size);

switching __sanitizer_start_switch_fiber; /* NOLINT(bugprone-reserved-identifier) */

/* That of the thread, whatever stack it is on. */
static void *first_stack;
static size_t first_size;
static switching *begin_switch;

static void find_out(void)
{
    pthread_attr_t attributes;
    *(void **)&begin_switch = dlsym(RTLD_NEXT, "__sanitizer_start_switch_fiber");
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    pthread_attr_getstack(&attributes, &first_stack, &first_size);
    pthread_attr_destroy(&attributes);
}

void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size)
{
    if (!begin_switch)
        find_out();
    begin_switch(fake, bottom ? bottom : first_stack, bottom ? size : first_size);
}
