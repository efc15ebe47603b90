/* SPDX-License-Identifier: Apache-2.0 */
/* A user of the installed C library: out of reset an SMMU lets transactions through unchanged. */
#include <smmu/smmu.h>

static enum smmu_mem_status read_nothing(void *user, const struct smmu_mem_req *req, void *data)
{
    (void)user, (void)req, (void)data;
    return SMMU_MEM_ABORT;
}

static enum smmu_mem_status write_nothing(void *user, const struct smmu_mem_req *req,
                                          const void *data)
{
    (void)user, (void)req, (void)data;
    return SMMU_MEM_ABORT;
}

int main(void)
{
    struct smmu_config config = smmu_config_default();
    config.httu = SMMU_HTTU_NONE;
    const struct smmu_ops ops = {.read = read_nothing, .write = write_nothing};
    smmu_t *smmu = smmu_create(&config, &ops, NULL, NULL);
    const struct smmu_txn txn = {.addr = 0x12345678};
    struct smmu_result result;
    smmu_translate(smmu, &txn, &result);
    smmu_destroy(smmu);
    return result.outcome == SMMU_FORWARD && result.addr == txn.addr ? 0 : 1;
}
