/* SPDX-License-Identifier: Apache-2.0 */
/* libslirp, with the guest's time for its clock. */
#define _GNU_SOURCE /* ppoll */
#include "user_network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NETWORK     0x0a000200u /* 10.0.2.0 */
#define NETMASK     0xffffff00u
#define GATEWAY     0x0a000202u
#define NAME_SERVER 0x0a000203u
#define FIRST_GUEST 0x0a00020fu

/* What libslirp says if it has no timers: it wants to be asked again some time. */
#define NO_TIMER 1000u

struct user_network {
    struct user_network_ops ops;
    Slirp *slirp;
    /* Descriptors of the last look, in the order in which libslirp named them. */
    struct pollfd *fds;
    unsigned count;
    unsigned room;
};

/* --- what libslirp calls --- */

static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
    const user_network *network = opaque;

    network->ops.send(network->ops.user, buf, (uint32_t)len);
    return (ssize_t)len;
}

/* What a guest does wrong is between it and its peers. */
static void guest_error(const char *msg, void *opaque)
{
    (void)msg;
    (void)opaque;
}

static int64_t clock_get_ns(void *opaque)
{
    const user_network *network = opaque;

    return network->ops.now(network->ops.user);
}

/* Timers are for IPv6 alone. */
static void *timer_new(SlirpTimerCb cb, void *cb_opaque, void *opaque)
{
    (void)cb;
    (void)cb_opaque;
    return opaque;
}

static void timer_free(void *timer, void *opaque)
{
    (void)timer;
    (void)opaque;
}

static void timer_mod(void *timer, int64_t expire_time, void *opaque)
{
    (void)timer;
    (void)expire_time;
    (void)opaque;
}

/* All descriptors are asked for before each look. */
static void descriptor(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void notify(void *opaque)
{
    (void)opaque;
}

static const SlirpCb callbacks = {.send_packet = send_packet,
                                  .guest_error = guest_error,
                                  .clock_get_ns = clock_get_ns,
                                  .timer_new = timer_new,
                                  .timer_free = timer_free,
                                  .timer_mod = timer_mod,
                                  .register_poll_fd = descriptor,
                                  .unregister_poll_fd = descriptor,
                                  .notify = notify};

static const struct {
    int slirp;
    short host;
} events[] = {
    {SLIRP_POLL_IN, POLLIN},   {SLIRP_POLL_OUT, POLLOUT}, {SLIRP_POLL_PRI, POLLPRI},
    {SLIRP_POLL_ERR, POLLERR}, {SLIRP_POLL_HUP, POLLHUP},
};

#define EVENTS (sizeof(events) / sizeof(*events))

/* Without memory for it a descriptor is looked at another time. */
static int add_poll(int fd, int wanted, void *opaque)
{
    user_network *network = opaque;

    if (network->count == network->room) {
        unsigned room = 2 * network->room + 16;
        struct pollfd *fds = realloc(network->fds, room * sizeof(*fds));
        if (!fds)
            return -1;
        network->fds = fds;
        network->room = room;
    }
    struct pollfd *row = &network->fds[network->count];
    *row = (struct pollfd){.fd = fd};
    for (unsigned i = 0; i < EVENTS; i++)
        if (wanted & events[i].slirp)
            row->events = (short)(row->events | events[i].host);
    return (int)network->count++;
}

static int get_revents(int index, void *opaque)
{
    const user_network *network = opaque;
    int found = 0;

    if (index < 0)
        return 0;
    for (unsigned i = 0; i < EVENTS; i++)
        if (network->fds[index].revents & events[i].host)
            found |= events[i].slirp;
    return found;
}

/* --- life --- */

static struct in_addr address(uint32_t number)
{
    return (struct in_addr){htonl(number)};
}

user_network *user_network_create(uint16_t mtu, const struct user_network_ops *ops)
{
    const SlirpConfig config = {.version = 1,
                                .in_enabled = true,
                                .vnetwork = address(NETWORK),
                                .vnetmask = address(NETMASK),
                                .vhost = address(GATEWAY),
                                .vdhcp_start = address(FIRST_GUEST),
                                .vnameserver = address(NAME_SERVER),
                                .if_mtu = mtu,
                                .if_mru = mtu};
    user_network *network = calloc(1, sizeof(*network));

    if (!network)
        return NULL;
    network->ops = *ops;
    network->slirp = slirp_new(&config, &callbacks, network);
    return network;
}

void user_network_destroy(user_network *network)
{
    if (!network)
        return;
    slirp_cleanup(network->slirp);
    free(network->fds);
    free(network);
}

/* --- ports --- */

/* The port that a socket is bound to. */
static uint16_t port_of(int fd)
{
    struct sockaddr_in bound = {0};
    socklen_t size = sizeof(bound);

    if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0 || bound.sin_family != AF_INET)
        return 0;
    return ntohs(bound.sin_port);
}

static bool waits_for(const int *fds, unsigned count, int fd)
{
    for (unsigned i = 0; i < count; i++)
        if (fds[i] == fd)
            return true;
    return false;
}

/* Finds the port of the only descriptor that was not there before, which are `count` of `before`.
 */
static uint16_t fresh_port(const user_network *network, const int *before, unsigned count)
{
    for (unsigned i = 0; i < network->count; i++)
        if (!waits_for(before, count, network->fds[i].fd))
            return port_of(network->fds[i].fd);
    return 0;
}

uint16_t user_network_open_port(user_network *network, const struct user_network_forward *forward)
{
    user_network_waits(network);
    unsigned count = network->count;
    int *before = malloc((count + 1) * sizeof(*before));
    if (!before)
        return 0;
    for (unsigned i = 0; i < count; i++)
        before[i] = network->fds[i].fd;
    errno = 0;
    bool open = slirp_add_hostfwd(network->slirp, forward->udp, address(forward->host_address),
                                  forward->host_port, address(forward->guest_address),
                                  forward->guest_port) == 0;
    int reason = errno;
    user_network_waits(network);
    uint16_t port = open ? fresh_port(network, before, count) : 0;
    free(before);
    errno = reason;
    return port;
}

/* --- work --- */

void user_network_transmit(user_network *network, const uint8_t *frame, uint32_t size)
{
    slirp_input(network->slirp, frame, (int)size);
}

struct user_network_wait user_network_waits(user_network *network)
{
    uint32_t timeout = NO_TIMER;

    network->count = 0;
    slirp_pollfds_fill(network->slirp, &timeout, add_poll, network);
    return (struct user_network_wait){network->count != 0, timeout < NO_TIMER, timeout};
}

void user_network_poll(user_network *network, int64_t nanoseconds)
{
    const struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};

    user_network_waits(network);
    int found = ppoll(network->fds, network->count, &timeout, NULL);
    if (found < 0) /* a signal: nothing is known of any of them */
        for (unsigned i = 0; i < network->count; i++)
            network->fds[i].revents = 0;
    slirp_pollfds_poll(network->slirp, 0, get_revents, network);
}
