/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables of a machine as a C library: from rows that say what there is to the files that
 * firmware fetches from the firmware configuration device and links (ACPI 6.3; IORT: Arm
 * DEN0049E.e; DBG2 and SPCR: the documents of Microsoft; files: hw/acpi/bios-linker-loader.c of
 * QEMU). */
#ifndef ACPI_ACPI_H
#define ACPI_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACPI_MAX_DEVICES 256u /* of one kind in a machine: names count them by two digits */

/* Names of the files. The loader's commands place the other two, and put their addresses and
 * checksums in. */
#define ACPI_TABLES_FILE "etc/acpi/tables"
#define ACPI_RSDP_FILE   "etc/acpi/rsdp"
#define ACPI_LOADER_FILE "etc/table-loader"

/* Memory-mapped registers: physical address, bytes. */
struct acpi_range {
    uint64_t base, size;
};

/* An interrupt: GSIV, which is the INTID; 0 for none. */
struct acpi_irq {
    uint32_t gsiv;
    bool edge; /* rising edge, else level high */
};

/* The generic interrupt controller (ACPI 6.3 5.2.12). */
struct acpi_gic {
    uint64_t distributor;
    struct acpi_range redistributors;
    uint32_t maintenance; /* GSIV of the virtual CPU interfaces; 0: none */
    uint32_t pmu;         /* GSIV of the performance monitors; 0: none */
};

/* The generic timer (ACPI 6.3 5.2.24): GSIVs, level high; 0: none. */
struct acpi_timer {
    uint32_t secure, physical, virtual_, hypervisor;
    bool always_on; /* it counts in every low-power state */
};

/* What an IORT node is. */
enum acpi_iort_kind {
    ACPI_IORT_ITS_GROUP,
    ACPI_IORT_NAMED,
    ACPI_IORT_ROOT_COMPLEX,
    ACPI_IORT_SMMU_V3 = 4,
    ACPI_IORT_PMCG,
    ACPI_IORT_KINDS,
};

/* `count` IDs from `first` on become `out` and what follows, at the node of this kind and number,
 * an ITS or an SMMU. With `single` the node has one ID, `out`, whatever comes in. */
struct acpi_id_map {
    uint32_t first, count, out;
    enum acpi_iort_kind kind;
    unsigned target;
    bool single;
};

/* An ID map, of which there is one or none. */
struct acpi_message {
    bool there;
    uint32_t device_id;
    unsigned its;
};

/* An SMMUv3; its PCI Express and other streams become DeviceIDs by `maps`. */
struct acpi_smmu {
    uint64_t base;
    bool coherent; /* its own accesses */
    unsigned httu; /* 0 to 2, as IDR0.HTTU: none, Access flag, dirty state too */
    uint32_t event, pri, gerror, sync; /* GSIVs; 0: none */
    struct acpi_message message;       /* what its own messages carry */
    const struct acpi_id_map *maps;    /* to ITSs */
    size_t map_count;
};

/* A Performance Monitor Counter Group of the SMMU of this number. */
struct acpi_pmcg {
    uint64_t page0, page1; /* page1 is page0 if there is only one */
    uint32_t overflow;     /* GSIV; 0: none */
    unsigned smmu;
    struct acpi_message message;
};

/* A device of the namespace that is memory-mapped. */
struct acpi_device {
    char name[5]; /* NameSeg below \_SB, its own */
    const char *hid;
    uint32_t uid;
    bool master; /* it is a bus master: an IORT node, if it has maps */
    bool coherent;
    const struct acpi_range *regs;
    size_t reg_count;
    const struct acpi_irq *irqs;
    size_t irq_count;
    const struct acpi_id_map *maps; /* to SMMUs */
    size_t map_count;
};

/* A window of a PCI Express host: `size` bytes from `base` on are those from `bus` on there. */
struct acpi_window {
    bool io; /* else memory */
    uint64_t bus, base, size;
};

/* Where pin 1 to 4 of a device of the root bus leads. */
struct acpi_pin {
    unsigned device, pin;
    uint32_t gsiv;
};

/* A PCI Express host; buses `first_bus` to `last_bus`, whose configuration space is `ecam`. */
struct acpi_root {
    struct acpi_range ecam;
    uint16_t segment;
    uint8_t first_bus, last_bus;
    bool coherent;
    bool ats;           /* it passes Translation Requests on */
    uint8_t pasid_bits; /* of the PASIDs it passes on; 0: none */
    const struct acpi_window *windows;
    size_t window_count;
    const struct acpi_pin *pins;
    size_t pin_count;
    const struct acpi_id_map *maps; /* of requester IDs, to SMMUs and ITSs */
    size_t map_count;
};

/* A cache: sets, ways, bytes of a line. */
struct acpi_cache {
    uint32_t sets;
    uint8_t ways;
    uint16_t line;
};

/* The caches of each CPU, and of each cluster of CPUs. */
struct acpi_caches {
    struct acpi_cache l1_data, l1_instruction, l2;
};

enum acpi_psci { ACPI_PSCI_NONE, ACPI_PSCI_SMC, ACPI_PSCI_HVC };

/* A machine. Pointers need to hold for the duration of a call. */
struct acpi_machine {
    enum acpi_psci psci;
    const uint64_t *cpus; /* MPIDR_EL1 of each, in ascending order; the first boots */
    size_t cpu_count;
    struct acpi_caches caches;
    struct acpi_gic gic;
    struct acpi_timer timer;
    const uint64_t *its; /* frame of registers of each */
    size_t its_count;
    const struct acpi_smmu *smmus;
    size_t smmu_count;
    const struct acpi_pmcg *pmcgs;
    size_t pmcg_count;
    const struct acpi_root *roots;
    size_t root_count;
    const struct acpi_device *devices;
    size_t device_count;
    const struct acpi_device *console; /* a PL011 among them; NULL: none */
};

struct acpi_file {
    uint8_t *data;
    size_t size;
};

/* The files, which the caller frees by acpi_free(). */
struct acpi_files {
    struct acpi_file tables, rsdp, loader;
};

/* Makes the files of `machine`. Returns false, with nothing to free, if memory runs out. */
bool acpi_build(const struct acpi_machine *machine, struct acpi_files *files);
void acpi_free(struct acpi_files *files);

#ifdef __cplusplus
}
#endif

#endif
