/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that race: a crowd at the same time, and victims that are killed in their work. */
#ifndef LINUX_SVA_CROWD_H
#define LINUX_SVA_CROWD_H

#include "dma_function.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Begins `count` processes; process i does one(i), which ends it. */
static inline void begin_crowd(pid_t *crowd, unsigned count, void (*one)(unsigned))
{
    for (unsigned i = 0; i < count; i++) {
        fflush(NULL);
        crowd[i] = check(fork(), "fork");
        if (crowd[i] == 0)
            one(i);
    }
}

/* Waits for them. All have to end well. */
static inline void await_crowd(const pid_t *crowd, unsigned count)
{
    int status;

    for (unsigned i = 0; i < count; i++) {
        check(waitpid(crowd[i], &status, 0), "waitpid");
        if (status != 0)
            die("process %u of the crowd ends with status 0x%x", i, (unsigned)status);
    }
}

/* A child does look(), and ends well. */
static inline void fork_and_look(void (*look)(void))
{
    const pid_t child = check(fork(), "fork");
    int status;

    if (child == 0) {
        look();
        _exit(0);
    }
    check(waitpid(child, &status, 0), "waitpid");
    if (status != 0)
        die("a child ends with status 0x%x", (unsigned)status);
}

/* What is done to a page of `size` bytes by turns: it is thrown away, loses rights, is another; in
 * the last turn a child does look(). */
static inline void shake_page(uint8_t *page, size_t size, unsigned turn, void (*look)(void))
{
    switch (turn % 5) {
    case 0:
        check(madvise(page, size, MADV_DONTNEED), "MADV_DONTNEED");
        break;
    case 1:
        check(mprotect(page, size, PROT_READ), "mprotect");
        break;
    case 2:
        check(mprotect(page, size, PROT_NONE), "mprotect");
        break;
    case 3:
        if (mmap(page, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0) != page)
            die("no memory");
        break;
    default:
        fork_and_look(look);
    }
}

/* A process does victim(which, begun), writes a byte to `begun` when it is at work, and is killed
 * then: each at another point. */
static inline void kill_at_work(unsigned which, void (*victim)(unsigned, int))
{
    int ends[2], status;
    char word;

    check(pipe(ends), "pipe");
    fflush(NULL);
    const pid_t child = check(fork(), "fork");
    if (child == 0)
        victim(which, ends[1]);
    close(ends[1]);
    if (read(ends[0], &word, 1) != 1)
        die("victim %u has not begun", which);
    close(ends[0]);
    for (unsigned i = 0; i < which; i++)
        sched_yield();
    check(kill(child, SIGKILL), "kill");
    check(waitpid(child, &status, 0), "waitpid");
    if (!WIFSIGNALED(status))
        die("victim %u ended by itself", which);
}

#endif
