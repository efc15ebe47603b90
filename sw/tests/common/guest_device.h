/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that a guest of hypervisor.h drives by itself: a channel of the DMA engine, and a ring of
 * a PCI Express DMA function. They copy pages, and are told apart by nothing but how they are
 * started. */
#ifndef TESTS_COMMON_GUEST_DEVICE_H
#define TESTS_COMMON_GUEST_DEVICE_H

#include <stdint.h>

#include "hypervisor.h"
#include "pcie.h"

/* How a copy ends: an access was refused, one of the device's own descriptors among them; or the
 * device knows itself that it may not. */
enum guest_ending {
    GUEST_COPIED,
    GUEST_NOT_READ,
    GUEST_NOT_WRITTEN,
    GUEST_NO_DESCRIPTOR,
    GUEST_DENIED,
    GUEST_HANGS,
};

struct guest_device {
    const char *name;
    uint32_t sid;
    enum guest_ending not_written; /* how it ends if it may not write to a page: posted writes are
                                      lost, and nobody is told */
    unsigned refusals;             /* how many accesses are refused then */
    vm_function *copy; /* of a page, in the guest: destination, source, where the device has its
                          descriptors; returns enum guest_ending */
};

/* Channel 0, whose registers the guest has at VM_DEVICE_IPA. */
extern const struct guest_device guest_channel;

/* Give the guest the first ring of `function`: its descriptors at `ipa`, which the device adds
 * `offset` to, and its registers where they are. */
struct guest_device guest_function(struct vm *vm, const struct pcie_function *function,
                                   uint64_t ipa, uint64_t offset);

/* Functions for guests: start what the channel has once more, with `ring` for its descriptors. */
vm_function guest_channel_again;

#endif
