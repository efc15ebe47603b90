/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the control queue (5.1.6.5): how many pairs of queues the driver uses. */
#include "virtio_net_priv.h"

#define COMMAND_BYTES 4u /* class, command, and the only data that there are */
#define CLASS_MQ      4u
#define MQ_PAIRS_SET  0u

enum answer { ANSWER_OK = 0, ANSWER_ERROR = 1 };

/* 5.1.6.5.5 */
static uint8_t set_pairs(virtio *v, unsigned pairs)
{
    struct net *net = v->state;

    if (!virtio_has(v, NET_MQ) || pairs < 1 || pairs > net->config.pairs)
        return ANSWER_ERROR;
    net->pairs = pairs;
    virtio_net_forget_frames(net, pairs);
    return ANSWER_OK;
}

static uint8_t execute(virtio *v, const uint8_t *command, uint32_t size)
{
    if (size >= COMMAND_BYTES && command[0] == CLASS_MQ && command[1] == MQ_PAIRS_SET)
        return set_pairs(v, vp_load_le16(command + 2));
    return ANSWER_ERROR;
}

bool virtio_net_serve_control(virtio *v, unsigned queue)
{
    struct net *net = v->state;
    struct virtio_chain *chain = &net->chain;
    unsigned done = 0;

    for (; done < NET_QUEUE_SIZE && virtio_queue_take(v, queue, chain); done++) {
        uint32_t size = chain->readable < COMMAND_BYTES ? chain->readable : COMMAND_BYTES;
        uint8_t command[COMMAND_BYTES] = {0};

        if (chain->writable == 0) {
            virtio_break(v);
            break;
        }
        bool read = virtio_chain_read(v, chain, 0, command, size);
        if (!virtio_chain_lives(v, chain))
            break;
        uint8_t answer = read ? execute(v, command, size) : ANSWER_ERROR;
        virtio_chain_write(v, chain, 0, &answer, 1);
        virtio_queue_complete(v, chain, 1);
    }
    virtio_queue_publish(v, queue);
    return done != 0;
}
