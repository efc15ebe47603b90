/* SPDX-License-Identifier: Apache-2.0 */
/* This process stands in for a virtual machine with an SMMU of its own: it writes the guest's CDs
 * and tables of stage 1, IOMMUFD has stage 2, and the guest's commands and events pass through the
 * kernel. Words are as in IHI 0070 5.2, 5.4, 4.3, 4.4 and 7.3. Usage: iommufd_nested DEVICE [ats].
 * Ends at the first thing that is wrong. */
#include "iommufd_function.h"

#define VIRTUAL_SID 0x77U
#define SSID        1U

/* The guest's memory, by offsets: a CD table of 16, then tables and pages. */
#define GUEST_BYTES 0x100000U
#define GUEST_IPA   0x80000000UL
#define CDS         0x0000U
#define TABLES      0x10000U
#define SSID_TABLES 0x14000U
#define RING        0x20000U
#define SOURCE      0x30000U
#define OTHER       0x31000U
#define DESTINATION 0x32000U
#define OF_SSID     0x33000U

/* What the guest's virtual addresses are; L3 entries of one table of stage 1. */
#define VA_BASE        0x1234000000UL
#define VA_RING        (VA_BASE + 0 * PAGE)
#define VA_SOURCE      (VA_BASE + 1 * PAGE)
#define VA_DESTINATION (VA_BASE + 2 * PAGE)
#define VA_NOWHERE     (VA_BASE + 3 * PAGE) /* not mapped by the guest */
#define VA_BEYOND      (VA_BASE + 4 * PAGE) /* mapped to an IPA that it does not have */

/* STE, first doubleword: V, Config, S1ContextPtr, S1CDMax; second: S1DSS, S1CIR, S1COR, S1CSH,
 * STRW. */
#define STE_VALID   1UL
#define STE_STAGE1  (5UL << 1)
#define STE_16_CDS  (4UL << 59)
#define STE_S1DSS_0 2UL /* without SubstreamID: the CD of SubstreamID 0 */
#define STE_CACHED  (1UL << 2 | 1UL << 4 | 3UL << 6)
#define STE_ATS     (1UL << 28)
#define STE_EL2     (2UL << 30)

/* CD, first doubleword: T0SZ of 25, cached and Inner Shareable walks, EPD1, V, IPS of 40 bits,
 * AA64, R, A, ASET; ASID. */
#define CD_WORD0                                                                                   \
    (25UL | 1UL << 8 | 1UL << 10 | 3UL << 12 | 1UL << 30 | 1UL << 31 | 2UL << 32 | 1UL << 41 |     \
     1UL << 45 | 1UL << 46 | 1UL << 47)
#define CD_ASID(asid) ((uint64_t)(asid) << 48)

/* Descriptors: a table, a page with AF, Inner Shareable, nG, for unprivileged accesses too. */
#define TABLE_BITS 3UL
#define PAGE_BITS  (3UL | 1UL << 6 | 3UL << 8 | 1UL << 10 | 1UL << 11)

#define CMD_SYNC          0x46UL
#define CMD_CFGI_CD       0x05UL
#define CMD_TLBI_NH_ASID  0x11UL
#define CMD_TLBI_NH_VA    0x12UL
#define CMD_FOR_ASID(a)   ((uint64_t)(a) << 48)
#define CMD_FOR_SSID(s)   ((uint64_t)(s) << 12)
#define CMD_FOR_STREAM(s) ((uint64_t)(s) << 32)
#define CMD_LEAF          1UL
#define CMD_ATC_INV       0x40UL
#define CMD_ATC_ALL       52UL /* Size: all addresses */

#define F_TRANSLATION 0x10U

enum { ASID_OF_NONE = 7, ASID_OF_SSID = 8 };

static struct function function;
static struct ring ring;
static uint8_t *guest;
static uint32_t virtual_smmu;
static int events;
static bool with_ats; /* the function asks for translations, and keeps them */

static uint64_t *words(unsigned offset)
{
    return (uint64_t *)(guest + offset);
}

/* --- the guest's CDs and tables --- */

/* Levels 1 to 3 from `tables` on, each in a page; the last has the entries. */
static void make_stage1(unsigned tables)
{
    words(tables)[VA_BASE >> 30 & 511] = (GUEST_IPA + tables + PAGE) | TABLE_BITS;
    words(tables + PAGE)[VA_BASE >> 21 & 511] = (GUEST_IPA + tables + 2 * PAGE) | TABLE_BITS;
}

static void set_page(unsigned tables, uint64_t va, uint64_t ipa)
{
    words(tables + 2 * PAGE)[va >> 12 & 511] = ipa | PAGE_BITS;
}

static void set_cd(unsigned ssid, unsigned tables, unsigned asid)
{
    uint64_t *cd = words(CDS + 64 * ssid);

    cd[1] = GUEST_IPA + tables;
    cd[3] = 0xff;
    cd[0] = CD_WORD0 | CD_ASID(asid);
}

static void make_guest(void)
{
    make_stage1(TABLES);
    set_page(TABLES, VA_RING, GUEST_IPA + RING);
    set_page(TABLES, VA_SOURCE, GUEST_IPA + SOURCE);
    set_page(TABLES, VA_DESTINATION, GUEST_IPA + DESTINATION);
    set_page(TABLES, VA_BEYOND, GUEST_IPA + GUEST_BYTES);
    set_cd(0, TABLES, ASID_OF_NONE);
    make_stage1(SSID_TABLES);
    set_page(SSID_TABLES, VA_SOURCE, GUEST_IPA + OF_SSID);
    set_page(SSID_TABLES, VA_DESTINATION, GUEST_IPA + DESTINATION);
    set_cd(SSID, SSID_TABLES, ASID_OF_SSID);
    memset(guest + SOURCE, 0x11, PAGE);
    memset(guest + OTHER, 0x22, PAGE);
    memset(guest + OF_SSID, 0x33, PAGE);
}

/* --- the kernel's side of the guest's SMMU --- */

/* The result of IOMMU_HWPT_ALLOC for a virtual STE. */
static int nested_tables(uint64_t first, uint64_t second, uint32_t *tables)
{
    struct iommu_hwpt_arm_smmuv3 ste = {.ste = {first, second}};
    struct iommu_hwpt_alloc request = {
        .size = sizeof request,
        .dev_id = function.id,
        .pt_id = virtual_smmu,
        .data_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
        .data_len = sizeof ste,
        .data_uptr = (uintptr_t)&ste,
    };

    if (ioctl(function.iommufd, IOMMU_HWPT_ALLOC, &request) != 0)
        return errno;
    *tables = request.out_hwpt_id;
    return 0;
}

static void make_virtual_smmu(void)
{
    const uint32_t space = make_space(&function);
    struct iommu_viommu_alloc smmu = {
        .size = sizeof smmu, .type = IOMMU_VIOMMU_TYPE_ARM_SMMUV3, .dev_id = function.id};
    struct iommu_vdevice_alloc device = {
        .size = sizeof device, .dev_id = function.id, .virt_id = VIRTUAL_SID};
    struct iommu_veventq_alloc queue = {
        .size = sizeof queue, .type = IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, .veventq_depth = 16};

    map(&function, space, guest, GUEST_BYTES, GUEST_IPA);
    smmu.hwpt_id = make_tables(&function, space, IOMMU_HWPT_ALLOC_NEST_PARENT, 0);
    check(ioctl(function.iommufd, IOMMU_VIOMMU_ALLOC, &smmu), "virtual SMMU");
    virtual_smmu = device.viommu_id = queue.viommu_id = smmu.out_viommu_id;
    check(ioctl(function.iommufd, IOMMU_VDEVICE_ALLOC, &device), "virtual device");
    check(ioctl(function.iommufd, IOMMU_VEVENTQ_ALLOC, &queue), "events");
    events = (int)queue.out_veventq_fd;
}

/* Gives the guest's commands to the SMMU: 0, or an error of which none was carried out. */
static int command(uint64_t first, uint64_t second)
{
    struct iommu_viommu_arm_smmuv3_invalidate words = {.cmd = {first, second}};
    struct iommu_hwpt_invalidate request = {
        .size = sizeof request,
        .hwpt_id = virtual_smmu,
        .data_uptr = (uintptr_t)&words,
        .data_type = IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
        .entry_len = sizeof words,
        .entry_num = 1,
    };

    if (ioctl(function.iommufd, IOMMU_HWPT_INVALIDATE, &request) == 0)
        return 0;
    if (request.entry_num != 0)
        die("%u commands that fail were carried out", request.entry_num);
    return errno;
}

static void expect_command(uint64_t first, uint64_t second, int error, const char *what)
{
    const int got = command(first, second);

    if (got != error)
        die("%s: error %d instead of %d", what, got, error);
}

/* --- the parts --- */

/* What the function copies from VA_SOURCE has to be bytes of `value`. */
static void expect_bytes(struct descriptor work, uint8_t value, const char *what)
{
    memset(guest + DESTINATION, 0, PAGE);
    expect_status(run(&ring, work), DONE, what);
    for (unsigned i = 0; i < PAGE; i++) {
        if (guest[DESTINATION + i] != value)
            die("%s: byte %u is 0x%x instead of 0x%x", what, i, guest[DESTINATION + i], value);
    }
}

static const struct descriptor from_source = {
    .control = COPY, .source = VA_SOURCE, .destination = VA_DESTINATION, .length = PAGE};

static void bad_stes(void)
{
    uint32_t tables;

    if (nested_tables(STE_VALID | STE_STAGE1, STE_EL2, &tables) != EIO)
        die("a virtual STE of EL2 is not refused");
    if (nested_tables(STE_VALID | 7UL << 1, 0, &tables) != EIO)
        die("a virtual STE with stage 2 is not refused");
}

static void both_stages(void)
{
    expect_bytes(from_source, 0x11, "without SubstreamID");
    expect_bytes(with_pasid(from_source, SSID), 0x33, "with a SubstreamID");
}

static void expect_event(unsigned type, uint64_t iova, const char *what)
{
    struct {
        struct iommufd_vevent_header header;
        struct iommu_vevent_arm_smmuv3 event;
    } record;

    read_record(events, &record, sizeof record, what);
    const uint64_t *event = (const uint64_t *)record.event.evt;
    if ((event[0] & 0xff) != type || event[0] >> 32 != VIRTUAL_SID || event[2] != iova)
        die("%s: event 0x%lx 0x%lx 0x%lx", what, event[0], event[1], event[2]);
}

static void drain_events(void)
{
    uint8_t record[64];

    while (is_ready(events))
        check((int)read(events, record, sizeof record), "events");
}

static void guests_faults(void)
{
    struct descriptor work = from_source;

    expect_status(run(&ring, with_pasid(from_source, SSID + 1)), SOURCE_FAILED,
                  "a SubstreamID without CD");
    drain_events();
    work.source = VA_NOWHERE;
    expect_status(run(&ring, work), SOURCE_FAILED, "not mapped by the guest");
    expect_event(F_TRANSLATION, VA_NOWHERE, "not mapped by the guest");
}

/* Of what the host does not map, the guest is not told. */
static void hosts_faults(void)
{
    struct descriptor work = from_source;

    work.source = VA_BEYOND;
    expect_status(run(&ring, work), SOURCE_FAILED, "an IPA that the guest does not have");
    if (is_ready(events))
        die("the guest is told of a fault of stage 2");
}

/* What the function keeps of translations is for the guest to invalidate, too. */
static void invalidate_function(void)
{
    if (with_ats)
        expect_command(CMD_ATC_INV | CMD_FOR_STREAM(VIRTUAL_SID), CMD_ATC_ALL, 0, "CMD_ATC_INV");
}

static void invalidations(void)
{
    set_page(TABLES, VA_SOURCE, GUEST_IPA + OTHER);
    expect_command(CMD_TLBI_NH_VA | CMD_FOR_ASID(ASID_OF_NONE), VA_SOURCE | CMD_LEAF, 0,
                   "CMD_TLBI_NH_VA");
    invalidate_function();
    expect_bytes(from_source, 0x22, "after CMD_TLBI_NH_VA");
    set_page(SSID_TABLES, VA_SOURCE, GUEST_IPA + OTHER);
    expect_command(CMD_TLBI_NH_ASID | CMD_FOR_ASID(ASID_OF_SSID), 0, 0, "CMD_TLBI_NH_ASID");
    invalidate_function();
    expect_bytes(with_pasid(from_source, SSID), 0x22, "after CMD_TLBI_NH_ASID");
    set_page(TABLES, VA_SOURCE, GUEST_IPA + SOURCE);
    set_cd(SSID, TABLES, ASID_OF_NONE);
    expect_command(CMD_CFGI_CD | CMD_FOR_SSID(SSID) | CMD_FOR_STREAM(VIRTUAL_SID), CMD_LEAF, 0,
                   "CMD_CFGI_CD");
    expect_command(CMD_TLBI_NH_ASID | CMD_FOR_ASID(ASID_OF_NONE), 0, 0, "CMD_TLBI_NH_ASID");
    invalidate_function();
    expect_bytes(with_pasid(from_source, SSID), 0x11, "after CMD_CFGI_CD");
}

static void bad_commands(void)
{
    expect_command(CMD_CFGI_CD | CMD_FOR_STREAM(VIRTUAL_SID + 1), CMD_LEAF, EIO,
                   "a StreamID that the guest does not have");
    expect_command(CMD_SYNC, 0, EIO, "CMD_SYNC");
    expect_command(CMD_TLBI_NH_VA | 1UL << 10, VA_SOURCE, EIO, "reserved bits");
}

static const struct {
    const char *name;
    void (*body)(void);
    bool without_ats; /* it is not for functions with ATS, which are told and make no events */
} parts[] = {
    {"both stages, with and without SubstreamID", both_stages, false},
    {"the guest's faults", guests_faults, true},
    {"the host's faults", hosts_faults, true},
    {"the guest's invalidations", invalidations, false},
    {"commands that are refused", bad_commands, false},
};

int main(int argc, char **argv)
{
    uint32_t tables;

    with_ats = argc == 3 && strcmp(argv[2], "ats") == 0;
    if (argc != 2 && !with_ats)
        die("usage: iommufd_nested DEVICE [ats]");
    open_function(&function, argv[1]);
    guest = memory(GUEST_BYTES);
    make_guest();
    make_virtual_smmu();
    bad_stes();
    if (nested_tables(STE_VALID | STE_STAGE1 | (GUEST_IPA + CDS) | STE_16_CDS,
                      STE_S1DSS_0 | STE_CACHED | (with_ats ? STE_ATS : 0), &tables) != 0)
        die("virtual STE: %s", strerror(errno));
    attach(&function, tables);
    start_ring(&ring, function.registers, 0, (struct descriptor *)(guest + RING), VA_RING, 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (with_ats && parts[i].without_ats)
            continue;
        parts[i].body();
        say("%s", parts[i].name);
    }
    say("all are right%s", with_ats ? ", with ATS" : "");
    return 0;
}
