/* SPDX-License-Identifier: Apache-2.0 */
/* What tells transactions apart, in few words: keys of what remembers answers, and ways to them. */
#ifndef SMMU_CORE_TXN_KEY_H
#define SMMU_CORE_TXN_KEY_H

#include <stddef.h>
#include <string.h>

#include "base/bits.h"
#include "smmu/types.h"

/* All that tells transactions apart but for their address and TBU. Every field has room for
 * whatever a client may give. */
struct txn_key {
    uint64_t stream; /* StreamID and SubstreamID */
    uint64_t kind;   /* smmu_txn.sec to .retried, the attributes in two of their places */
};

/* Place of a byte of struct smmu_txn in txn_key.kind. */
#define TXN_KEY_SHIFT(member)                                                                      \
    (8 * (offsetof(struct smmu_txn, member) - offsetof(struct smmu_txn, sec)))
_Static_assert(TXN_KEY_SHIFT(tbu) == 8 && TXN_KEY_SHIFT(retried) == 56,
               "eight bytes that tell transactions apart, but for two");

/* The TBU is no part of it, and no retry has a key: their places are free for the attributes.
 * Operations are apart, reads and writes too: overrides of INST concern reads alone (13.1.2). */
static inline struct txn_key txn_key(const struct smmu_txn *txn)
{
    uint64_t kind;
    memcpy(&kind, (const uint8_t *)txn + offsetof(struct smmu_txn, sec), sizeof(kind));
    kind = host_le64(kind) & ~(MASK64(15, 8) | MASK64(63, 56));
    kind &= ~((uint64_t)txn->write << TXN_KEY_SHIFT(instr)); /* writes are data */
    return (struct txn_key){
        .stream = txn->sid | (txn->ssv ? (uint64_t)txn->ssid << 32 : 0),
        .kind = kind | (uint64_t)txn->attr.mair << TXN_KEY_SHIFT(tbu) |
                (uint64_t)txn->attr.sh << TXN_KEY_SHIFT(retried),
    };
}

/* Whether two are equal. */
static inline bool txn_key_equal(const struct txn_key *a, const struct txn_key *b)
{
    return a->stream == b->stream && a->kind == b->kind;
}

#endif
