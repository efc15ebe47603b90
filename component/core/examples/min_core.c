/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest user of the C library: a flat array is the memory, and one transaction is translated
 * (IHI 0070 5.2, 5.4, 6.3; DDI 0487 D8.3). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <smmu/smmu.h>

enum { STE = 0x0, CD = 0x40, TABLE = 0x1000 }; /* addresses in memory */
static uint64_t memory[0x2000 / 8];            /* little-endian, as the host is taken to be */

static enum smmu_mem_status read_memory(void *user, const struct smmu_mem_req *req, void *data)
{
    (void)user;
    if (req->addr > sizeof(memory) - req->size)
        return SMMU_MEM_ABORT;
    memcpy(data, (unsigned char *)memory + req->addr, req->size);
    return SMMU_MEM_OK;
}

static enum smmu_mem_status write_memory(void *user, const struct smmu_mem_req *req,
                                         const void *data)
{
    (void)user;
    if (req->addr > sizeof(memory) - req->size)
        return SMMU_MEM_ABORT;
    memcpy((unsigned char *)memory + req->addr, data, req->size);
    return SMMU_MEM_OK;
}

int main(void)
{
    struct smmu_config config;
    const struct smmu_ops ops = {.read = read_memory, .write = write_memory};
    struct smmu_error error;
    smmu_config_preset(&config, SMMU_PRESET_SMALL);
    smmu_t *smmu = smmu_create(&config, &ops, NULL, &error);
    if (!smmu)
        return printf("%s %s\n", error.field, error.reason), 1;

    memory[STE / 8] = 0xb | CD;                       /* V, Config: stage 1 */
    memory[CD / 8] = UINT64_C(0x6202c0003519);        /* 39 bits of input, 40 of output, 4 KiB */
    memory[CD / 8 + 1] = TABLE;                       /* TTB0 */
    memory[CD / 8 + 3] = 0xff;                        /* MAIR 0: Normal Write-Back */
    memory[TABLE / 8] = UINT64_C(0x80000000) | 0x741; /* a level 1 Block, read-write */
    smmu_reg_write(smmu, 0x80, 8, STE);               /* STRTAB_BASE */
    smmu_reg_write(smmu, 0x88, 4, 0);                 /* STRTAB_BASE_CFG: linear, one */
    smmu_reg_write(smmu, 0x20, 4, 1);                 /* CR0.SMMUEN */
    smmu_run(smmu);                                   /* what the writes have started */

    const struct smmu_txn txn = {.addr = 0x9008, .write = true};
    struct smmu_result result;
    smmu_translate(smmu, &txn, &result);
    const bool worked = result.outcome == SMMU_FORWARD && result.addr == 0x80009008;
    printf("0x%" PRIx64 " goes to 0x%" PRIx64 "\n", txn.addr, result.addr);
    smmu_destroy(smmu);
    return worked ? 0 : 1;
}
