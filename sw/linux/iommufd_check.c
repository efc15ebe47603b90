/* SPDX-License-Identifier: Apache-2.0 */
/* IOMMUFD with a DMA function: mappings, address spaces of PASIDs, faults that this process
 * answers, pages that the function has made dirty. Usage: iommufd_check DEVICE. Ends at the first
 * thing that is wrong. */
#include "iommufd_function.h"

#define PAGES     64U
#define BYTES     (PAGES * PAGE)
#define DATA_IOVA 0x123450000UL
#define COPY_IOVA 0x145670000UL

#define PASID_OF_SPACE  5U
#define PASID_OF_FAULTS 6U

static struct function function;
static struct ring ring;
static uint32_t space;   /* that of requests without PASID */
static uint64_t *data;   /* at DATA_IOVA in it */
static uint64_t *copied; /* at COPY_IOVA */

static void set_pattern(uint64_t *words, uint64_t seed)
{
    for (unsigned i = 0; i < BYTES / sizeof *words; i++)
        words[i] = number(seed, i);
}

static void expect_pattern(const uint64_t *words, unsigned size, uint64_t seed, const char *what)
{
    for (unsigned i = 0; i < size / sizeof *words; i++) {
        if (words[i] != number(seed, i))
            die("%s: word %u is 0x%lx instead of 0x%lx", what, i, words[i], number(seed, i));
    }
}

static void expect_copied(uint64_t seed, const char *what)
{
    expect_status(run(&ring, copy(DATA_IOVA, COPY_IOVA, BYTES)), DONE, what);
    expect_pattern(copied, BYTES, seed, what);
}

static void mappings(void)
{
    set_pattern(data, 1);
    expect_copied(1, "mapped");
    unmap(&function, space, BYTES, DATA_IOVA);
    const struct descriptor done = run(&ring, copy(DATA_IOVA, COPY_IOVA, BYTES));
    expect_status(done, SOURCE_FAILED, "unmapped");
    if (done.fault_addr != DATA_IOVA)
        die("unmapped: the fault is at 0x%lx", done.fault_addr);
    data = memory(BYTES);
    set_pattern(data, 2);
    map(&function, space, data, BYTES, DATA_IOVA);
    expect_copied(2, "other memory, mapped at the same place");
}

/* One place in the address space of each PASID and of none. */
static void pasids(void)
{
    const uint32_t other = make_space(&function);
    uint64_t *there = memory(2 * BYTES);

    map(&function, other, there, BYTES, DATA_IOVA);
    map(&function, other, there + BYTES / sizeof *there, BYTES, COPY_IOVA);
    attach_pasid(&function, make_tables(&function, other, IOMMU_HWPT_ALLOC_PASID, 0),
                 PASID_OF_SPACE);
    set_pattern(data, 3);
    set_pattern(there, 4);
    expect_status(run(&ring, with_pasid(copy(DATA_IOVA, COPY_IOVA, BYTES), PASID_OF_SPACE)), DONE,
                  "with a PASID");
    expect_pattern(there + BYTES / sizeof *there, BYTES, 4, "with a PASID");
    expect_copied(3, "without a PASID");
    detach_pasid(&function, PASID_OF_SPACE);
    expect_status(run(&ring, with_pasid(copy(DATA_IOVA, COPY_IOVA, BYTES), PASID_OF_SPACE)),
                  SOURCE_FAILED, "a PASID that is detached");
}

static struct iommu_hwpt_pgfault next_fault(int queue, uint64_t iova, const char *what)
{
    struct iommu_hwpt_pgfault fault;

    read_record(queue, &fault, sizeof fault, what);
    if (!(fault.flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) || fault.pasid != PASID_OF_FAULTS ||
        fault.dev_id != function.id || fault.addr / PAGE != iova / PAGE)
        die("%s: fault of device %u, PASID %u, at 0x%llx", what, fault.dev_id, fault.pasid,
            fault.addr);
    return fault;
}

static void answer(int queue, const struct iommu_hwpt_pgfault *fault, uint32_t code)
{
    const struct iommu_hwpt_page_response response = {.cookie = fault->cookie, .code = code};

    if (write(queue, &response, sizeof response) != sizeof response)
        die("answer: %s", strerror(errno));
}

/* Pages are mapped when the function asks for them, one after the other. */
static void faults(void)
{
    struct iommu_fault_alloc queue = {.size = sizeof queue};
    const uint32_t other = make_space(&function);
    uint64_t *there = memory(2 * PAGE);
    const struct descriptor work = with_pasid(copy(DATA_IOVA, COPY_IOVA, PAGE), PASID_OF_FAULTS);

    check(ioctl(function.iommufd, IOMMU_FAULT_QUEUE_ALLOC, &queue), "fault queue");
    const int fd = (int)queue.out_fault_fd;
    attach_pasid(&function,
                 make_tables(&function, other, IOMMU_HWPT_ALLOC_PASID | IOMMU_HWPT_FAULT_ID_VALID,
                             queue.out_fault_id),
                 PASID_OF_FAULTS);
    for (unsigned i = 0; i < PAGE / sizeof *there; i++)
        there[i] = number(5, i);
    const struct descriptor *slot = submit(&ring, work);
    struct iommu_hwpt_pgfault fault = next_fault(fd, DATA_IOVA, "read");
    if (fault.perm != IOMMU_PGFAULT_PERM_READ)
        die("a read wants rights 0x%x", fault.perm);
    map(&function, other, there, PAGE, DATA_IOVA);
    answer(fd, &fault, IOMMUFD_PAGE_RESP_SUCCESS);
    fault = next_fault(fd, COPY_IOVA, "write");
    if (!(fault.perm & IOMMU_PGFAULT_PERM_WRITE))
        die("a write wants rights 0x%x", fault.perm);
    map(&function, other, there + PAGE / sizeof *there, PAGE, COPY_IOVA);
    answer(fd, &fault, IOMMUFD_PAGE_RESP_SUCCESS);
    expect_status(outcome(&ring, slot), DONE, "pages that were mapped when they were missing");
    expect_pattern(there + PAGE / sizeof *there, PAGE, 5, "pages that were missing");
    unmap(&function, other, PAGE, DATA_IOVA);
    slot = submit(&ring, work);
    fault = next_fault(fd, DATA_IOVA, "once more");
    answer(fd, &fault, IOMMUFD_PAGE_RESP_INVALID);
    expect_status(outcome(&ring, slot), SOURCE_FAILED, "a page that is refused");
    detach_pasid(&function, PASID_OF_FAULTS);
}

/* The pages that the function has written, by the tables. */
static uint64_t dirty_pages(uint32_t tables)
{
    uint64_t bits = 0;
    struct iommu_hwpt_get_dirty_bitmap request = {
        .size = sizeof request,
        .hwpt_id = tables,
        .iova = DATA_IOVA,
        .length = BYTES,
        .page_size = PAGE,
        .data = (uintptr_t)&bits,
    };

    check(ioctl(function.iommufd, IOMMU_HWPT_GET_DIRTY_BITMAP, &request), "dirty pages");
    return bits;
}

static void dirty_tracking(void)
{
    const uint64_t wanted = UINT64_C(1) << 3 | UINT64_C(1) << 17 | UINT64_C(1) << 63;
    const uint32_t tables = make_tables(&function, space, IOMMU_HWPT_ALLOC_DIRTY_TRACKING, 0);
    struct iommu_hwpt_set_dirty_tracking on = {
        .size = sizeof on, .flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE, .hwpt_id = tables};

    attach(&function, tables);
    check(ioctl(function.iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING, &on), "dirty tracking");
    if (dirty_pages(tables) != 0)
        die("pages are dirty before anything is written");
    for (unsigned page = 0; page < PAGES; page++) {
        const uint64_t at = DATA_IOVA + page * PAGE;
        struct descriptor work = {.control = CRC, .source = at, .length = PAGE};
        if (wanted >> page & 1)
            work = (struct descriptor){.control = FILL, .destination = at, .length = 8};
        expect_status(run(&ring, work), DONE, "a page");
    }
    const uint64_t dirty = dirty_pages(tables);
    if (dirty != wanted)
        die("dirty are 0x%lx instead of 0x%lx", dirty, wanted);
}

static const struct {
    const char *name;
    void (*body)(void);
} parts[] = {
    {"mappings", mappings},
    {"address spaces of PASIDs", pasids},
    {"faults that user space answers", faults},
    {"dirty pages", dirty_tracking},
};

int main(int argc, char **argv)
{
    if (argc != 2)
        die("usage: iommufd_check DEVICE");
    open_function(&function, argv[1]);
    space = make_space(&function);
    data = memory(BYTES);
    copied = memory(BYTES);
    struct descriptor *slots = memory(PAGE);
    map(&function, space, slots, PAGE, RING_IOVA);
    map(&function, space, data, BYTES, DATA_IOVA);
    map(&function, space, copied, BYTES, COPY_IOVA);
    attach(&function, make_tables(&function, space, IOMMU_HWPT_ALLOC_PASID, 0));
    start_ring(&ring, function.registers, 0, slots, RING_IOVA, 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        parts[i].body();
        say("%s", parts[i].name);
    }
    say("all %zu are right", sizeof parts / sizeof *parts);
    return 0;
}
