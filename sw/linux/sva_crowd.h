/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that race: a crowd at the same time, and victims that are killed in their work. */
#ifndef LINUX_SVA_CROWD_H
#define LINUX_SVA_CROWD_H

#include "dma_function.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
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
