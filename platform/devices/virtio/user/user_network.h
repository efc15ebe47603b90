/* SPDX-License-Identifier: Apache-2.0 */
/* A network behind a network device that needs no privileges of the host (libslirp): DHCP, DNS, and
 * TCP, UDP and ping to wherever the host gets, IPv4 only. The guest is 10.0.2.15 if it asks, the
 * gateway 10.0.2.2 stands for the host, and 10.0.2.3 for its name server. */
#ifndef USER_NETWORK_H
#define USER_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define USER_NETWORK_MAX_MTU  65507u /* bytes of a packet, as far as libslirp goes */
#define USER_NETWORK_FORWARDS 64u

/* A port of the host that leads to one of the guest. Addresses are those of IPv4, 10.0.2.15 being
 * 0x0a00020f. */
struct user_network_forward {
    bool udp;
    uint32_t host_address;
    uint16_t host_port; /* 0: any that is free */
    uint32_t guest_address;
    uint16_t guest_port;
};

/* Reads "tcp:[HOST ADDRESS]:PORT-[GUEST ADDRESS]:PORT", or "udp:...". Without addresses they are
 * 127.0.0.1 and 10.0.2.15. Returns whether `text` is that; if not, there is one line in `err` (at
 * most `err_size` bytes). */
bool user_network_read_forward(const char *text, struct user_network_forward *forward, char *err,
                               size_t err_size);

typedef struct user_network user_network;

struct user_network_ops {
    void *user;
    /* A frame of Ethernet for the guest. */
    void (*send)(void *user, const void *frame, uint32_t size);
    /* The time of the guest, in nanoseconds. */
    int64_t (*now)(void *user);
};

/* Build a network whose packets have at most `mtu` bytes, up to USER_NETWORK_MAX_MTU. Returns NULL
 * if there is no memory. The caller owns the result; `ops` is copied. */
user_network *user_network_create(uint16_t mtu, const struct user_network_ops *ops);
void user_network_destroy(user_network *network); /* NULL is fine */

/* Open a port of the host. Returns the port, or 0 and the reason in errno. */
uint16_t user_network_open_port(user_network *network, const struct user_network_forward *forward);

/* A frame of the guest. Calls `send` for what is answered at once. */
void user_network_transmit(user_network *network, const uint8_t *frame, uint32_t size);

/* What the network waits for. */
struct user_network_wait {
    bool sockets; /* the host has sockets open that something may come by */
    bool timer;   /* after `milliseconds` of the guest's time it wants to be polled */
    uint32_t milliseconds;
};
struct user_network_wait user_network_waits(user_network *network);

/* Look after sockets and timers; calls `send` for what has come. If nothing has, wait for it so
 * many nanoseconds of the host's time, at least 0. */
void user_network_poll(user_network *network, int64_t nanoseconds);

#ifdef __cplusplus
}
#endif

#endif
