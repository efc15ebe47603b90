/* SPDX-License-Identifier: Apache-2.0 */
/* State of the controller, shared by the files that implement it. */
#ifndef NVME_PRIV_H
#define NVME_PRIV_H

#include "nvme/nvme.h"
#include "nvme_ranges.h"
#include "vp/little_endian.h"

#define VERSION_1_4       0x00010400u
#define MAX_ENTRIES       1024u /* of a queue: CAP.MQES + 1 */
#define MAX_PAGE_SHIFT    16u
#define MIN_PAGE_SHIFT    12u
#define MAX_DATA          (1u << (MIN_PAGE_SHIFT + NVME_MAX_DATA_SHIFT))
#define MAX_EVENTS        4u  /* Asynchronous Event Requests held */
#define ERROR_ENTRIES     16u /* of the Error Information log page */
#define FEATURES          12u
#define NAMESPACE         1u
#define ALL_NAMESPACES    0xffffffffu
#define COMMAND_BYTES     64u
#define COMPLETION_BYTES  16u
#define KELVIN            300u /* always */
#define KELVIN_WARNING    343u
#define FIRMWARE_REVISION "1.0"

/* Flags of a command. */
#define DATA_POINTER          0xc0u /* PSDT: 0 PRPs, 1 and 2 SGLs, which differ in the metadata */
#define DATA_POINTER_PRP      0x00u
#define DATA_POINTER_RESERVED 0xc0u

#define CC_ENABLE       0x00000001u
#define CC_SHUTDOWN     0x0000c000u
#define CSTS_READY      0x1u
#define CSTS_FATAL      0x2u
#define CSTS_SHUTDOWN   0xcu
#define SHUTDOWN_BEGINS 0x4u
#define SHUTDOWN_DONE   0x8u

/* Status field of a completion, without phase: [7:0] code, [10:8] type, [13] more in the log page
 * of errors, [14] do not retry. */
enum nvme_status {
    NVME_SUCCESS = 0x0000,
    NVME_INVALID_OPCODE = 0x4001,
    NVME_INVALID_FIELD = 0x4002,
    NVME_TRANSFER_ERROR = 0x0004,
    NVME_ABORT_REQUESTED = 0x0007,
    NVME_INVALID_NAMESPACE = 0x400b,
    NVME_SEQUENCE_ERROR = 0x400c,
    NVME_SGL_SEGMENT = 0x400d,
    NVME_SGL_NUMBER = 0x400e,
    NVME_SGL_LENGTH = 0x400f,
    NVME_SGL_TYPE = 0x4011,
    NVME_PRP_OFFSET = 0x4013,
    NVME_LBA_RANGE = 0x4080,
    NVME_CAPACITY = 0x0081,
    NVME_CQ_INVALID = 0x4100,
    NVME_QUEUE_ID = 0x4101,
    NVME_QUEUE_SIZE = 0x4102,
    NVME_EVENT_LIMIT = 0x4105,
    NVME_VECTOR = 0x4108,
    NVME_LOG_PAGE = 0x4109,
    NVME_QUEUE_DELETION = 0x410c,
    NVME_NOT_SAVEABLE = 0x410d,
    NVME_NOT_OF_NAMESPACE = 0x410f,
    NVME_WRITE_FAULT = 0x0280,
    NVME_READ_ERROR = 0x0281,
    NVME_COMPARE_FAILURE = 0x4285,
    NVME_MORE = 0x2000,
    /* not of the specification: */
    NVME_NO_COMPLETION = 0x8000, /* nothing is posted now */
};

/* A submission queue entry. */
struct command {
    uint8_t opcode;
    uint8_t flags; /* fused operation, PRP or SGL */
    uint16_t id;
    uint32_t nsid;
    uint64_t prp1; /* PRP 1 and PRP 2, or the halves of an SGL descriptor */
    uint64_t prp2;
    uint32_t dw[16]; /* all of it, by dword; used from 10 on */
    uint16_t queue;  /* where it came from */
    uint32_t result; /* dword 0 of the completion */
};

/* One row of a table of commands. */
struct operation {
    uint8_t opcode;
    enum nvme_status (*run)(nvme *n, struct command *command);
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

/* Asynchronous events by their type; the value of an event is dword 0 of its completion, and never
 * 0. */
enum event_type { EVENT_ERROR, EVENT_HEALTH, EVENT_TYPES };
struct events {
    uint16_t request[MAX_EVENTS]; /* identifiers of the requests held, oldest first */
    unsigned requests;
    uint32_t pending[EVENT_TYPES]; /* to be told; 0: nothing */
    bool masked[EVENT_TYPES];      /* until the log page is read */
};

struct features {
    uint32_t value[FEATURES];
    uint32_t low_temperature; /* the threshold below; that above is in value[] */
    bool uncoalesced[NVME_VECTORS];
};

struct error_entry {
    uint64_t number; /* 0: no entry */
    uint16_t queue;
    uint16_t command;
    uint16_t status;
    uint64_t block;
    uint32_t nsid;
};

struct counts {
    uint64_t read_commands;
    uint64_t write_commands;
    uint64_t read_bytes;
    uint64_t written_bytes;
    uint64_t medium_errors;
    uint64_t errors;
    uint64_t sgl_commands; /* whose data an SGL describes */
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
    unsigned life;    /* counts resets and starts: work begun in another life is dropped */
    bool pin;
    struct features features;
    struct events events;
    /* these outlive resets: */
    struct error_entry error[ERROR_ENTRIES]; /* entry number i is in [i % ERROR_ENTRIES] */
    struct counts counts;
    struct ranges unflushed; /* written since the last flush of the medium */
    struct ranges lost;      /* may never reach it: a flush has failed. Not beyond a reset */
    uint8_t *data;           /* MAX_DATA bytes, of the command in work */
    uint8_t *compare;        /* the MAX_DATA bytes after them: what they are compared with */
};

static inline uint32_t page_size(const nvme *n)
{
    return 1u << (MIN_PAGE_SHIFT + (n->cc >> 7 & 15));
}

/* The upper half of a doubleword. */
static inline uint16_t high_half(uint32_t dword)
{
    return (uint16_t)(dword >> 16);
}

/* Fills a field of characters, which are padded with blanks. */
void store_text(uint8_t *field, size_t size, const char *text);

/* nvme_controller.c */
void kick(nvme *n);
void controller_enable(nvme *n);  /* CC.EN was set */
void controller_disable(nvme *n); /* CC.EN was cleared: the registers of the admin queues stay */
void controller_fatal(nvme *n);   /* give up: CSTS.CFS */

/* nvme_queue.c */
void queues_reset(nvme *n);
void queues_enable(nvme *n); /* those of administration, by AQA, ASQ, ACQ */
void doorbell(nvme *n, uint64_t index, uint32_t value);
void update_pin(nvme *n); /* bring it in line with queues and mask */
/* Post the completion of a command; its queue has room. */
void complete(nvme *n, const struct command *command, enum nvme_status status);
unsigned completion_room(const struct completion *cq); /* entries that may be posted */
enum nvme_status create_cq(nvme *n, struct command *command);
enum nvme_status create_sq(nvme *n, struct command *command);
enum nvme_status delete_cq(nvme *n, struct command *command);
enum nvme_status delete_sq(nvme *n, struct command *command);

/* nvme_transfer.c: accesses by DMA and to the medium. All answer NVME_NO_COMPLETION if the
 * controller was reset meanwhile. */
enum nvme_status dma_read(nvme *n, uint64_t address, void *data, uint32_t size);
enum nvme_status dma_write(nvme *n, uint64_t address, const void *data, uint32_t size);
/* A read of what says what to do: a step. */
enum nvme_status dma_fetch(nvme *n, uint64_t address, void *data, uint32_t size);
/* All of `data`, at most MAX_DATA bytes, to or from the memory that a command means. */
enum nvme_status send_data(nvme *n, const struct command *command, uint8_t *data, uint32_t size);
enum nvme_status receive_data(nvme *n, const struct command *command, uint8_t *data, uint32_t size);
/* Makes `*data`, where there is room for the data, point to where they are: to be read alone. */
enum nvme_status medium_read(nvme *n, uint64_t offset, uint8_t **data, uint32_t size);
enum nvme_status medium_write(nvme *n, uint64_t offset, const void *data, uint32_t size);
enum nvme_status medium_zero(nvme *n, uint64_t offset, uint64_t size, bool deallocate);
/* The last writes are safe; losses by an earlier failure are not asked about. */
enum nvme_status medium_sync(nvme *n);
/* All that was written is safe. Fails as long as anything is lost. */
enum nvme_status medium_flush(nvme *n);

/* nvme_admin.c, nvme_io.c */
enum nvme_status admin_command(nvme *n, struct command *command);
enum nvme_status io_command(nvme *n, struct command *command);

/* nvme_async.c */
void events_reset(nvme *n);
enum nvme_status event_request(nvme *n, struct command *command);
bool event_abort(nvme *n, uint16_t id); /* completes a request held; returns whether it did */
void event_report(nvme *n, enum event_type type, uint32_t event);
void event_acknowledge(nvme *n, enum event_type type); /* its log page was read */
void events_deliver(nvme *n);

/* nvme_identify.c */
enum nvme_status identify(nvme *n, struct command *command);

/* nvme_log.c */
enum nvme_status get_log_page(nvme *n, struct command *command);
/* Makes an entry of a command that failed; `status` is that of its completion. */
void log_error(nvme *n, const struct command *command, enum nvme_status status);

/* nvme_features.c */
void features_reset(nvme *n);
bool write_cache_enabled(const nvme *n);
bool temperature_warning(const nvme *n);
enum nvme_status set_features(nvme *n, struct command *command);
enum nvme_status get_features(nvme *n, struct command *command);

#endif
