/* SPDX-License-Identifier: Apache-2.0 */
/* Ways, one in each place: see way.h. */
#include "stream/way.h"

#include <stdlib.h>

#include "base/bits.h"
#include "stream/decode.h"

enum { WAYS_LOG2_MIN = 4, WAYS_LOG2_MAX = 17 };

/* As many as there are entries in the configuration cache, within limits. Without one none is ever
 * remembered. */
bool way_init(struct smmu_state *smmu)
{
    const struct smmu_cache_shape *shape = &smmu->cfg.config_cache;
    unsigned log2 = log2_ceil((uint64_t)shape->sets * shape->ways);
    if (log2 < WAYS_LOG2_MIN)
        log2 = WAYS_LOG2_MIN;
    else if (log2 > WAYS_LOG2_MAX)
        log2 = WAYS_LOG2_MAX;
    smmu->ways_mask = BIT64(log2) - 1;
    smmu->ways = lines_alloc((size_t)1 << log2, sizeof(*smmu->ways), &smmu->ways_room);
    return smmu->ways != NULL;
}

void way_free(struct smmu_state *smmu)
{
    free(smmu->ways_room);
}

void way_tell(const struct call *call, const struct way *way)
{
    struct config_cache *cache = call->smmu->cache;
    cache_find_again(call, &cache->ste, way->ste_slot);
    if (way->cd)
        cache_find_again(call, &cache->cd, way->cd_slot);
}

void way_remember(const struct call *call, const struct stream *stream)
{
    const struct smmu_state *smmu = call->smmu;
    if (call->mode != CALL_REAL || call->txn->translated)
        return;
    if (stream->ste == &stream->ste_copy || stream->cd == &stream->cd_copy)
        return;
    const struct txn_key key = txn_key(call->txn);
    *way_at(smmu, &key) = (struct way){
        .key = key,
        .version = smmu->cache->version,
        .strtab = call->bank->reg[REG_STRTAB_BASE_CFG],
        .ste = stream->ste,
        .cd = stream->cd,
        .ste_slot = cache_slot_ste(smmu->cache, stream->ste),
        .cd_slot = stream->cd ? cache_slot_cd(smmu->cache, stream->cd) : 0,
        .cd_index = stream->cd_index,
        .top_bit = stream->cd ? 63 : decode_input_bits(&smmu->cfg, true) - 1,
        .kind = *stream->kind,
    };
}
