/* SPDX-License-Identifier: Apache-2.0 */
/* State of the controller, shared by the files that implement it. */
#ifndef NVME_PRIV_H
#define NVME_PRIV_H

#include "nvme/nvme.h"

#define MAX_ENTRIES      1024u /* of a queue: CAP.MQES + 1 */
#define MAX_PAGE_SHIFT   16u
#define MIN_PAGE_SHIFT   12u
#define MAX_DATA_SHIFT   5u /* MDTS: of a command, in pages of the smallest size */
#define MAX_ASYNC        4u /* Asynchronous Event Requests held */
#define FEATURES         12u
#define NAMESPACE        1u
#define ALL_NAMESPACES   0xffffffffu
#define COMMAND_BYTES    64u
#define COMPLETION_BYTES 16u

/* Status field of a completion, without phase: [7:0] code, [10:8] type, [14] do not retry. */
enum nvme_status {
    NVME_SUCCESS = 0x0000,
    NVME_INVALID_OPCODE = 0x4001,
    NVME_INVALID_FIELD = 0x4002,
    NVME_TRANSFER_ERROR = 0x0004,
    NVME_ABORT_REQUESTED = 0x0007,
    NVME_INVALID_NAMESPACE = 0x400b,
    NVME_SEQUENCE_ERROR = 0x400c,
    NVME_PRP_OFFSET = 0x4013,
    NVME_LBA_RANGE = 0x4080,
    NVME_CQ_INVALID = 0x4100,
    NVME_QUEUE_ID = 0x4101,
    NVME_QUEUE_SIZE = 0x4102,
    NVME_ASYNC_LIMIT = 0x4105,
    NVME_VECTOR = 0x4108,
    NVME_LOG_PAGE = 0x4109,
    NVME_QUEUE_DELETION = 0x410c,
    NVME_NOT_SAVEABLE = 0x410d,
    NVME_WRITE_FAULT = 0x0280,
    NVME_READ_ERROR = 0x0281,
    /* not of the specification: */
    NVME_NO_COMPLETION = 0x8000, /* nothing is posted now */
};

/* A submission queue entry. */
struct command {
    uint8_t opcode;
    uint8_t flags; /* fused operation, PRP or SGL */
    uint16_t id;
    uint32_t nsid;
    uint64_t prp1;
    uint64_t prp2;
    uint32_t dw[16]; /* all of it, by dword; used from 10 on */
    uint16_t queue;  /* where it came from */
    uint32_t result; /* dword 0 of the completion */
};

struct submission {
    bool present;
    uint64_t base;
    uint32_t entries;
    uint32_t head;
    uint32_t tail;
    uint16_t completion; /* queue */
};

struct completion {
    bool present;
    uint64_t base;
    uint32_t entries;
    uint32_t head;
    uint32_t tail;
    bool phase;
    bool interrupts;
    uint16_t vector;
};

struct counts {
    uint64_t read_commands;
    uint64_t write_commands;
    uint64_t read_bytes;
    uint64_t written_bytes;
};

struct nvme {
    struct nvme_ops ops;
    struct nvme_config config;
    /* registers */
    uint32_t cc;
    uint32_t csts;
    uint32_t aqa;
    uint32_t int_mask;
    uint64_t asq;
    uint64_t acq;
    /* queues; 0 is that of administration */
    struct submission sq[NVME_MAX_QUEUES + 1];
    struct completion cq[NVME_MAX_QUEUES + 1];
    unsigned next_sq; /* where the round goes on */
    unsigned life;    /* counts resets: work begun in another life is dropped */
    bool pin;
    uint32_t feature[FEATURES];
    /* Asynchronous Event Requests held, and what is to be reported; 0: nothing */
    uint16_t async_id[MAX_ASYNC];
    unsigned async_count;
    uint32_t event;
    bool event_masked; /* until the log page is read */
    struct counts counts;
    uint8_t *page; /* of the largest size */
};

static inline uint32_t page_shift(const nvme *n)
{
    return MIN_PAGE_SHIFT + (n->cc >> 7 & 15);
}

static inline uint64_t load_le(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static inline void store_le(uint8_t *bytes, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

/* controller.c: bring the pin in line with queues and mask. */
void update_pin(nvme *n);
/* Give up: CSTS.CFS. */
void fatal(nvme *n);

/* queue.c */
void queues_reset(nvme *n);
void queues_enable(nvme *n); /* those of administration, by AQA, ASQ, ACQ */
void doorbell(nvme *n, uint64_t index, uint32_t value);
/* Post the completion of a command; its queue has room. */
void complete(nvme *n, const struct command *command, enum nvme_status status);
bool completion_full(const struct completion *cq);
enum nvme_status create_cq(nvme *n, struct command *command);
enum nvme_status create_sq(nvme *n, struct command *command);
enum nvme_status delete_cq(nvme *n, struct command *command);
enum nvme_status delete_sq(nvme *n, struct command *command);

/* prp.c: a walk over the memory that the PRPs of a command describe. */
struct prp_walk {
    nvme *n;
    uint64_t prp2;
    uint64_t next; /* address of the memory to come, */
    uint32_t room; /* and how much of its page is left */
    uint64_t list; /* entry to come, once in a list */
    uint64_t left; /* bytes of the transfer */
    bool in_list;
    bool first; /* page */
};
enum nvme_status prp_begin(struct prp_walk *walk, nvme *n, const struct command *command,
                           uint64_t size);
/* The next piece: its address and size, at most a page. */
enum nvme_status prp_next(struct prp_walk *walk, uint64_t *address, uint32_t *size);
/* All of `data` to or from memory. */
enum nvme_status prp_send(nvme *n, const struct command *command, const uint8_t *data,
                          uint32_t size);
enum nvme_status prp_receive(nvme *n, const struct command *command, uint8_t *data, uint32_t size);

/* admin.c, io.c */
enum nvme_status admin_command(nvme *n, struct command *command);
enum nvme_status io_command(nvme *n, struct command *command);

/* async.c */
void async_reset(nvme *n);
enum nvme_status async_request(nvme *n, struct command *command);
bool async_abort(nvme *n, uint16_t id);
void async_report(nvme *n, uint32_t event);
void async_acknowledge(nvme *n);
void async_deliver(nvme *n);

/* identify.c: data structures of Identify and Get Log Page. */
enum nvme_status identify(nvme *n, struct command *command);
enum nvme_status get_log_page(nvme *n, struct command *command);

/* features.c */
void features_reset(nvme *n);
enum nvme_status set_features(nvme *n, struct command *command);
enum nvme_status get_features(nvme *n, struct command *command);

#endif
