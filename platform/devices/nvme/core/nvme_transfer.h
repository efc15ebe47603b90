/* SPDX-License-Identifier: Apache-2.0 */
/* The data of a command on their way to or from memory, in the pieces that its PRPs or its SGL cut
 * them into. */
#ifndef NVME_TRANSFER_H
#define NVME_TRANSFER_H

#include "nvme_priv.h"

#define PRP_BYTES           8u
#define PRPS_AT_ONCE        128u /* read by one access */
#define DESCRIPTOR_BYTES    16u
#define DESCRIPTORS_AT_ONCE 64u
#define MAX_DESCRIPTORS     65536u   /* of an SGL: even one that leads nowhere ends */
#define LARGEST_ACCESS      0x20000u /* bytes, to or from memory */

/* Memory that follows in the transfer. */
struct piece {
    uint64_t address;
    uint32_t size;
    bool discarded; /* a bit bucket: data, and no memory */
};

struct prp_walk {
    uint64_t prp2;
    bool first; /* page */
    bool in_list;
    uint64_t list; /* address of the entry to come, once in a list */
    uint32_t loaded, taken;
    uint8_t raw[PRPS_AT_ONCE * PRP_BYTES];
};

struct sgl_walk {
    bool last_segment;
    uint32_t seen;   /* descriptors, of all segments */
    uint64_t next;   /* address of the descriptor that is to be read next, */
    uint32_t unread; /* and how many the segment has from there */
    uint32_t loaded, taken;
    uint8_t raw[DESCRIPTORS_AT_ONCE * DESCRIPTOR_BYTES];
};

struct transfer {
    nvme *n;
    bool to_memory;
    enum nvme_status (*next)(struct transfer *t); /* the next piece, of at most `left` bytes */
    struct piece piece;                           /* the rest of it */
    uint32_t left;                                /* bytes beyond it */
    union {
        struct prp_walk prp;
        struct sgl_walk sgl;
    };
};

/* The data of a command, `size` bytes, not 0. */
void transfer_begin(struct transfer *t, nvme *n, const struct command *command, uint32_t size,
                    bool to_memory);
/* Moves the next `size` bytes, of those that are left. `data` is not written with `to_memory`. */
enum nvme_status transfer_move(struct transfer *t, uint8_t *data, uint32_t size);

/* nvme_prp.c, nvme_sgl.c: set `next`, and what it works on; the other members are set. */
void prp_begin(struct transfer *t, const struct command *command);
void sgl_begin(struct transfer *t, const struct command *command);

#endif
