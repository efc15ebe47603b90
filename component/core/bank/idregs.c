/* SPDX-License-Identifier: Apache-2.0 */
/* ID registers of the Non-secure programming interface (IHI 0070 6.3.1 to 6.3.8, 6.3.41, 6.3.45).
 * Fields that are a parameter come from smmu/config.def; those not named there or here read zero:
 * the feature is absent. */
#include "bank/idregs.h"

#include "bank/idr_layout.h"
#include "config.h"
#include "vmsa/vmsa_control.h"

enum { TTF_AARCH32 = 1, TTF_AARCH64 = 2 };
enum { VAX_48, VAX_52, VAX_56 };

void idregs_set(struct bank *bank, const struct smmu_config *cfg)
{
    struct idr0_raw idr0 = {{0}};
    struct idr1_raw idr1 = {{0}};
    struct idr3_raw idr3 = {{0}};
    struct idr5_raw idr5 = {{0}};
    struct idr6_raw idr6 = {{0}};
    struct aidr_raw aidr = {{0}};
    struct mpamidr_raw mpamidr = {{0}};

#define COPY_NONE(field, value)
#define COPY_IDR0(field, value)                            idr0_set_##field(&idr0, value);
#define COPY_IDR1(field, value)                            idr1_set_##field(&idr1, value);
#define COPY_IDR3(field, value)                            idr3_set_##field(&idr3, value);
#define COPY_IDR5(field, value)                            idr5_set_##field(&idr5, value);
#define COPY_IDR6(field, value)                            idr6_set_##field(&idr6, value);
#define COPY_AIDR(field, value)                            aidr_set_##field(&aidr, value);
#define COPY_MPAMIDR(field, value)                         mpamidr_set_##field(&mpamidr, value);
#define SMMU_NUMBER(name, type, min, max, reg, field, ...) COPY_##reg(field, cfg->name)
#define SMMU_SWITCH(name, reg, field, ...)                 COPY_##reg(field, cfg->name)
#include "smmu/config.def"

    idr0_set_TTF(&idr0, TTF_AARCH64 | (cfg->vmsa32 ? TTF_AARCH32 : 0));
    idr3_set_XNX(&idr3, config_xnx(cfg));
    idr5_set_VAX(&idr5, cfg->vax56 ? VAX_56 : cfg->vax52 ? VAX_52 : VAX_48);
    idr5_set_OAS(&idr5, vmsa_address_encoding(cfg->oas_bits));
    bank->reg[REG_IDR0] = idr0.w[0];
    bank->reg[REG_IDR1] = idr1.w[0];
    bank->reg[REG_IDR3] = idr3.w[0];
    bank->reg[REG_IDR5] = idr5.w[0];
    bank->reg[REG_IDR6] = idr6.w[0];
    bank->reg[REG_IIDR] = cfg->iidr;
    bank->reg[REG_AIDR] = aidr.w[0];
    bank->reg[REG_MPAMIDR] = mpamidr.w[0];
}
