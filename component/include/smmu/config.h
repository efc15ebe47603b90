/* SPDX-License-Identifier: Apache-2.0 */
/* How an SMMU is built: features, sizes and choices; ID registers are derived from it. */
#ifndef SMMU_CONFIG_H
#define SMMU_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smmu/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* smmu_config.operations with every enum smmu_op. */
#define SMMU_OPERATIONS_ALL ((1u << SMMU_OP_COUNT) - 1)

/* Shape of a set-associative cache, of at most 4194304 entries. sets = 0 switches it off. */
struct smmu_cache_shape {
    uint32_t sets; /* a power of two, at most 1048576, or 0 */
    uint32_t ways; /* 1 to 64 */
};

/* Replacement policies: which entry of a set a new one pushes out if all are in use. */
enum smmu_replacement {
    SMMU_REPLACE_LRU,    /* "lru": the least recently used */
    SMMU_REPLACE_PLRU,   /* "plru": nearly that, by a binary tree over the ways, whose number is a
                            power of two */
    SMMU_REPLACE_FIFO,   /* "fifo": the one that was filled first, as by round robin */
    SMMU_REPLACE_RANDOM, /* "random": any, by a generator that begins with a seed */
    SMMU_REPLACE_RRIP,   /* "rrip": static re-reference interval prediction with two bits: an entry
                            that was used since it was filled stays longer than one that was not */
    SMMU_REPLACE_COUNT,  /* how many there are */
};

/* What a policy is called in device trees; "?" if there is none. */
const char *smmu_replacement_name(enum smmu_replacement policy);

/* Fault models (IDR0.STALL_MODEL). */
enum smmu_stall_model {
    SMMU_STALL_AND_TERMINATE = 0, /* as configuration says */
    SMMU_TERMINATE_ONLY = 1,      /* the SMMU cannot stall */
    SMMU_STALL_ONLY = 2,          /* what can stall does */
};

/* Endianness of translation tables (IDR0.TTENDIAN). */
enum smmu_ttendian {
    SMMU_TT_MIXED = 0,  /* as CD.ENDI and STE.S2ENDI say */
    SMMU_TT_LITTLE = 2, /* little-endian only */
    SMMU_TT_BIG = 3,    /* big-endian only */
};

/* Hardware update of translation tables (IDR0.HTTU). */
enum smmu_httu {
    SMMU_HTTU_NONE = 0,   /* software sets all flags */
    SMMU_HTTU_ACCESS = 1, /* the Access flag */
    SMMU_HTTU_DIRTY = 2,  /* the Access flag and dirty state */
    SMMU_HTTU_TABLES = 3, /* the same, and the Access flag of table descriptors (CD.HAFT) */
};

/* Parameters of one SMMU: the rows of smmu/config.def. Start from smmu_config_default() and change
 * fields. */
struct smmu_config {
#define SMMU_NUMBER(name, type, ...) type name;
#define SMMU_SWITCH(name, ...)       bool name;
#define SMMU_SHAPE(name, ...)        struct smmu_cache_shape name;
#define SMMU_POLICY(name, ...)       uint8_t name; /* enum smmu_replacement */
#include "smmu/config.def"
};

/* Parts of different ambition, with every parameter set; then parts with the features of the
 * typical one, whose caches and times (smmu/tlm/timing.hpp) are those of real parts and of models,
 * as far as they are known: the rows of smmu/presets.def. */
enum smmu_preset {
    SMMU_PRESET_SMALL, /* for one device: stage 1 with 4 KiB pages, 64 streams, few features, caches
                          of a handful of entries, faults terminate, transactions abort after
                          reset */
    SMMU_PRESET_TYPICAL,  /* the default */
    SMMU_PRESET_MAXIMAL,  /* every feature and size the core has, broadcast TLB maintenance too, but
                             for what excludes others (d128, dpt, *_preset), and hints (dormhint);
                             large caches that lose more at an invalidation than they must */
    SMMU_PRESET_EMBEDDED, /* two or so TBUs, 500 MHz */
    SMMU_PRESET_CLIENT,   /* six or so TBUs, 1 GHz: MMU-600 as in Agilex 5 */
    SMMU_PRESET_SERVER,   /* up to 14 TBUs, 1.5 GHz: MMU-700 */
    SMMU_PRESET_GEM5,     /* the SMMUv3 of gem5, as it is by default */
    SMMU_PRESET_COUNT,    /* how many there are */
};

/* Make `cfg` the configuration of `preset`, which is below SMMU_PRESET_COUNT. */
void smmu_config_preset(struct smmu_config *cfg, enum smmu_preset preset);

/* What a preset is called in device trees: "small"; "?" if there is none. */
const char *smmu_preset_name(enum smmu_preset preset);

/* SMMU_PRESET_TYPICAL, a plausible mid-size part: both stages, 48-bit output, 16-bit StreamIDs. All
 * features but those that the rest of the system must have too: vax52, btm. */
struct smmu_config smmu_config_default(void);

/* A complaint: what is wrong, and why. Both are static strings. */
struct smmu_error {
    const char *field;  /* a parameter ("oas_bits"), a function of the ops table ("ops.cas"), or
                           "memory" */
    const char *reason; /* "must be 0 to 20" */
};

/* Check `cfg`. Returns true if an SMMU can be built from it; otherwise says in `error`, unless that
 * is NULL, which parameter is bad. */
bool smmu_config_check(const struct smmu_config *cfg, struct smmu_error *error);

/* Kinds of parameters. */
enum smmu_parameter_kind {
    SMMU_PARAMETER_NUMBER, /* an unsigned integer of `bytes` bytes, min to max */
    SMMU_PARAMETER_SWITCH, /* a bool */
    SMMU_PARAMETER_SHAPE,  /* a struct smmu_cache_shape */
    SMMU_PARAMETER_POLICY, /* an enum smmu_replacement, in one byte */
};

/* A row of smmu/config.def, for those who read configurations from somewhere. */
struct smmu_parameter {
    const char *name; /* of the member */
    const char *help; /* its meaning, a line */
    uint64_t min;     /* of a number; a switch and a policy are numbers too */
    uint64_t max;     /* likewise */
    size_t offset;    /* in struct smmu_config */
    uint8_t kind;     /* enum smmu_parameter_kind */
    uint8_t bytes;    /* size of the member */
};

/* Row number `index`, from 0 on; NULL past the last. Lives for ever. */
const struct smmu_parameter *smmu_parameter_at(unsigned index);

/* Set a number, a switch or a policy of `cfg` to `value`. False, and nothing is set, if it is out
 * of range or the parameter is a shape. */
bool smmu_parameter_set(struct smmu_config *cfg, const struct smmu_parameter *parameter,
                        uint64_t value);

/* The shape that a parameter of kind SMMU_PARAMETER_SHAPE is in `cfg`. */
struct smmu_cache_shape *smmu_parameter_shape(struct smmu_config *cfg,
                                              const struct smmu_parameter *parameter);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
