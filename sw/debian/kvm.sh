#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh kvm-init.sh
# packages: qemu-system-arm
# For `vp debian --dts platform/dts/virt-debian-el2.dts`: QEMU with KVM runs a virtual machine, which has the second
# NVMe controller by VFIO. A megabyte that is on its disk is read there, another one is found here afterwards. The
# virtual machine's memory is at addresses where this one's kernel is, so nothing would come untranslated; an
# address outside of it is refused by the SMMU.
# shellcheck disable=SC2317 # `check` calls functions
# shellcheck source=sw/debian/lib.sh
. ./lib.sh

readonly outside=0x76543000 # memory of this machine, not of the virtual one

# Prints the address of the NVMe controller that the root file system is not on.
second_controller() {
    local each
    for each in /sys/class/nvme/nvme*; do
        each=$(readlink -f "$each/device")
        [ "$each" = "$(controller)" ] || basename "$each"
    done
}

has_a_group_of_its_own() {
    is "$(ls "$function/iommu_group/devices")" "$device"
}

disk() {
    local each
    for each in "$function"/nvme/nvme*/nvme*n1; do
        [ ! -e "$each" ] || echo "/dev/${each##*/}"
    done
}

disk_is_empty() {
    ! blkid -p "$(disk)"
}

write_pattern() {
    head -c 1048576 /dev/urandom >pattern &&
        dd if=pattern of="$(disk)" bs=1M oflag=direct status=none
}

# What the virtual machine makes of the pattern.
pattern_is_back() {
    tr '\000-\377' '\001-\377\000' <pattern >wanted
    dd if="$(disk)" bs=1M skip=1 count=1 iflag=direct status=none | cmp - wanted
}

give_to() { # DRIVER
    modprobe "$1"
    echo "$1" >"$function/driver_override"
    echo "$device" >"$function/driver/unbind"
    echo "$device" >/sys/bus/pci/drivers_probe
    udevadm settle
    is "$(basename "$(readlink "$function/driver")")" "$1"
}

# Modules that are compressed are unpacked: busybox's insmod does not.
make_initramfs() {
    local kind path count=10
    mkdir -p initramfs/bin initramfs/dev initramfs/proc initramfs/sys initramfs/modules
    cp "$(command -v busybox)" initramfs/bin/busybox
    cp kvm-init.sh initramfs/init
    modprobe --show-depends --ignore-install nvme >modules || return
    while read -r kind path _; do
        [ "$kind" = insmod ] || continue
        case $path in
        *.xz) busybox xzcat "$path" >"initramfs/modules/$count.ko" ;;
        *) cp "$path" "initramfs/modules/$count.ko" ;;
        esac || return
        count=$((count + 1))
    done <modules
    (cd initramfs && find . | busybox cpio -o -H newc >../initramfs.cpio)
}

# Runs the virtual machine; its console goes to the file `machine`.
run_machine() {
    {
        timeout 300 qemu-system-aarch64 -M virt,gic-version=3,its=on -accel kvm -cpu host -m 256 -nodefaults \
            -display none -serial stdio -kernel /vmlinuz -initrd initramfs.cpio \
            -append "console=ttyAMA0 quiet panic=-1 kvm.outside=$outside" \
            -no-reboot -device vfio-pci,host="$device" </dev/null 2>&1
        echo "kvm: ended $?"
    } | tr -d '\r' | tee machine
    says ended 0
}

# Whether the virtual machine has said VALUE of NAME.
says() { # NAME VALUE
    is "$(sed -n "s/^kvm: $1 //p" machine)" "$2"
}

# The NVMe driver of the virtual machine has had interrupts, by messages through its own ITS.
had_interrupts() {
    grep -E '^kvm: interrupts ITS-PCI-MSIX-0000:[0-9a-f:.]+ [1-9]' machine
}

# The first doubleword of an event has its type and the StreamID, the third one the address.
smmu_has_refused() {
    local slot=${device##*:}
    is "$(dmesg | awk '/arm-smmu-v3.*event 0x/ { at = NR } at && NR == at + 1 { first = $NF }
        at && NR == at + 3 { print first, $NF }')" \
        "$(printf '0x%08x00000010 0x%016x' $((0x${slot%.*} << 3 | ${slot#*.})) "$outside")"
}

device=$(second_controller)
function=$(readlink -f "/sys/bus/pci/devices/$device")
check 'KVM is there' test -c /dev/kvm
check 'a second controller is behind the SMMU' is_behind_the_smmu "$device" "$function"
check 'it has an IOMMU group of its own' has_a_group_of_its_own
check 'its disk has nothing that would be lost' disk_is_empty
[ "$failed" = 0 ] || exit "$failed"
sectors=$(cat "/sys/class/block/$(basename "$(disk)")/size")
check 'a pattern is written' write_pattern
check 'VFIO has the controller' give_to vfio-pci
check 'an initramfs is made' make_initramfs
check 'the virtual machine runs and powers off' run_machine
check 'it has the disk' says disk "$sectors"
check 'it reads the pattern' says read "$(sha256sum <pattern | cut -d ' ' -f 1)"
check 'it has interrupts by its ITS' had_interrupts
check 'an address outside of its memory is fatal to the controller' says status 0x00000003
check 'the SMMU has refused that, and nothing else' smmu_has_refused
check 'the NVMe driver has the controller again' give_to nvme
check 'the pattern of the virtual machine is there' pattern_is_back
check 'no unit has failed' nothing_has_failed
check 'the kernel has nothing else to complain about' kernel_is_content 'event 0x10 received'
exit "$failed"
