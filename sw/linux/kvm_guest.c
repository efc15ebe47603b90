/* SPDX-License-Identifier: Apache-2.0 */
/* kvm_guest: runs a machine of its own under KVM, to its last exit: memory at stage 2, a device
 * that it emulates, the GIC's virtual interface with an interrupt, and PSCI. Ends with a status
 * other than 0 at the first thing that is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm.h>

#define GICD_BASE   0x08000000UL
#define GICR_BASE   0x080a0000UL
#define DEVICE_BASE 0x09000000UL /* what no one but this program answers */
#define RAM_BASE    0x40000000UL
#define RAM_SIZE    0x10000UL
#define DATA        0x8000UL /* where in RAM the guest works */
#define SPI         40U      /* the INTID this program raises */

/* What the guest runs at EL1, MMU off:
 *   - adds up the words that are at DATA, and writes the sum to the device;
 *   - reads the device, and stores what it read behind the words;
 *   - enables SPI 40 and waits; its vector acknowledges the interrupt and writes its number to the
 *     device;
 *   - powers off by PSCI. */
extern const char guest_start[], guest_end[];
__asm__(".pushsection .rodata\n"
        "   .global guest_start, guest_end\n"
        "   .balign 0x800\n"
        "guest_start:\n"
        "   adr  x0, guest_vectors\n"
        "   msr  vbar_el1, x0\n"
        "   mov  x1, #0x40000000\n"
        "   movk x1, #0x8000\n"
        "   mov  x2, #0x09000000\n"
        "   mov  x3, #4\n"
        "   mov  x4, xzr\n"
        "1: ldr  w5, [x1], #4\n"
        "   add  x4, x4, x5\n"
        "   subs x3, x3, #1\n"
        "   b.ne 1b\n"
        "   str  w4, [x2]\n"     /* exit: MMIO write */
        "   ldr  x6, [x2, #8]\n" /* exit: MMIO read */
        "   str  x6, [x1]\n"
        /* The distributor: group 1 with affinity routing; the SPI in group 1, enabled, to PE 0. */
        "   mov  x7, #0x08000000\n"
        "   mov  w8, #0x12\n"
        "   str  w8, [x7]\n"
        "   mov  w8, #0x100\n" /* bit 40 % 32 */
        "   str  w8, [x7, #0x84]\n"
        "   str  w8, [x7, #0x104]\n"
        "   add  x9, x7, #0x6000\n"
        "   str  xzr, [x9, #0x140]\n"
        /* The redistributor is awake once it has been told so; then the CPU interface. */
        "   movz x10, #0x080a, lsl #16\n"
        "   str  wzr, [x10, #0x14]\n"
        "   mov  x8, #7\n"
        "   msr  S3_0_C12_C12_5, x8\n" /* ICC_SRE_EL1 */
        "   mov  x8, #0xf0\n"
        "   msr  S3_0_C4_C6_0, x8\n" /* ICC_PMR_EL1 */
        "   mov  x8, #1\n"
        "   msr  S3_0_C12_C12_7, x8\n" /* ICC_IGRPEN1_EL1 */
        "   isb\n"
        "   str  w8, [x2, #16]\n" /* exit: the interrupt, please */
        "   msr  daifclr, #2\n"
        "   isb\n"
        "2: wfi\n"
        "   b    2b\n"
        "   .balign 0x800\n"
        "guest_vectors:\n"
        "   .org guest_vectors + 0x280\n" /* IRQ from EL1 with SP_EL1 */
        "   mrs  x11, S3_0_C12_C12_0\n"   /* ICC_IAR1_EL1 */
        "   str  w11, [x2, #24]\n"        /* exit: its number */
        "   msr  S3_0_C12_C12_1, x11\n"   /* ICC_EOIR1_EL1 */
        "   movz w0, #0x8400, lsl #16\n"
        "   movk w0, #0x0008\n" /* PSCI SYSTEM_OFF */
        "   hvc  #0\n"
        "guest_end:\n"
        ".popsection\n");

static const uint32_t words[4] = {1, 20, 300, 4000};
static const uint64_t device_value = 0x1122334455667788;

static void fail(const char *what)
{
    fprintf(stderr, "kvm_guest: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
    exit(1);
}

static int call(int fd, unsigned long request, void *argument, const char *what)
{
    int result = ioctl(fd, request, argument);

    if (result < 0)
        fail(what);
    return result;
}

static uint8_t *make_memory(int vm)
{
    uint8_t *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = RAM_BASE, .memory_size = RAM_SIZE, .userspace_addr = (uintptr_t)ram};

    if (ram == MAP_FAILED)
        fail("mmap");
    memcpy(ram, guest_start, (size_t)(guest_end - guest_start));
    memcpy(ram + DATA, words, sizeof words);
    call(vm, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
    return ram;
}

static void set_gic(int gic, uint32_t group, uint64_t attribute, void *value)
{
    struct kvm_device_attr attr = {.group = group, .attr = attribute, .addr = (uintptr_t)value};

    call(gic, KVM_SET_DEVICE_ATTR, &attr, "KVM_SET_DEVICE_ATTR");
}

/* After the CPU, as KVM wants it. */
static void make_gic(int vm)
{
    struct kvm_create_device create = {.type = KVM_DEV_TYPE_ARM_VGIC_V3};
    uint64_t dist = GICD_BASE, redist = GICR_BASE;

    call(vm, KVM_CREATE_DEVICE, &create, "KVM_CREATE_DEVICE");
    set_gic((int)create.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
    set_gic((int)create.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
    set_gic((int)create.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static int make_cpu(int vm)
{
    struct kvm_vcpu_init init;
    int cpu = call(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
    uint64_t pc = RAM_BASE;
    struct kvm_one_reg reg = {.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
                                    KVM_REG_ARM_CORE_REG(regs.pc),
                              .addr = (uintptr_t)&pc};

    call(vm, KVM_ARM_PREFERRED_TARGET, &init, "KVM_ARM_PREFERRED_TARGET");
    init.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2;
    call(cpu, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
    call(cpu, KVM_SET_ONE_REG, &reg, "KVM_SET_ONE_REG");
    return cpu;
}

static void raise_spi(int vm)
{
    struct kvm_irq_level line = {.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | SPI,
                                 .level = 1};

    call(vm, KVM_IRQ_LINE, &line, "KVM_IRQ_LINE");
}

/* What the guest writes to the device, in its order. */
static void serve_write(int vm, uint64_t offset, uint32_t value)
{
    printf("kvm_guest: device offset %lu: %u\n", (unsigned long)offset, value);
    if ((offset == 0 && value != 4321) || (offset == 24 && value != SPI))
        fail("what the guest wrote");
    if (offset == 16)
        raise_spi(vm);
}

int main(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm, cpu, size, writes = 0;
    struct kvm_run *run;
    uint8_t *ram;

    if (kvm < 0)
        fail("/dev/kvm");
    vm = call(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
    ram = make_memory(vm);
    cpu = make_cpu(vm);
    make_gic(vm);
    size = call(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "KVM_GET_VCPU_MMAP_SIZE");
    run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
    if (run == MAP_FAILED)
        fail("mmap of the CPU");
    errno = 0;
    for (;;) {
        call(cpu, KVM_RUN, NULL, "KVM_RUN");
        if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT)
            break;
        if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.phys_addr < DEVICE_BASE) {
            fprintf(stderr, "kvm_guest: exit %u\n", run->exit_reason);
            fail("exit");
        }
        uint64_t offset = run->mmio.phys_addr - DEVICE_BASE;
        if (run->mmio.is_write) {
            uint32_t value;
            memcpy(&value, run->mmio.data, sizeof value);
            serve_write(vm, offset, value);
            writes++;
        } else {
            memcpy(run->mmio.data, &device_value, sizeof device_value);
        }
    }
    if (memcmp(ram + DATA + sizeof words, &device_value, sizeof device_value) != 0 || writes != 3)
        fail("what the guest did");
    printf("kvm_guest: the guest powered off\n");
    return 0;
}
