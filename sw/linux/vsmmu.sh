# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# packages: qemu-system-arm/trixie-backports
# needs: lib.sh vsmmu-guest.sh nvme_fetch.c dma_function.h /usr/share/qemu-efi-aarch64/QEMU_EFI.fd
# QEMU runs a virtual machine by KVM that has an SMMU of its own, which is a part of this one: the kernel gives the
# stream of the NVMe controller the guest's stage 1 above its own stage 2 (virt-vsmmu.dts). Ends at the first
# thing that is wrong. Where the PCI host has ATS, so has the guest.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

# QEMU has such an SMMU for guests with ACPI only: IORT tells them of the addresses that messages are written to,
# which stage 1 must have (RMR). The guest has the kernel that runs, started by EDK2.
run_machine() {
    {
        timeout 100 qemu-system-aarch64 -M virt,gic-version=3,its=on -accel kvm -cpu host -m 256 -nodefaults \
            -display none -serial stdio -no-reboot -bios /bin/QEMU_EFI.fd -kernel /boot/Image \
            -initrd /tmp/guest.cpio -append "console=ttyAMA0 panic=-1" -object iommufd,id=iommufd0 \
            -device arm-smmuv3,primary-bus=pcie.0,id=smmu,accel=on,ats="$ats" \
            -device vfio-pci,host="$controller",iommufd=iommufd0 </dev/null 2>&1
        echo "vsmmu: ended $?"
    } | tr -d '\r' | tee /tmp/machine
}

make_initramfs() {
    mkdir -p /tmp/guest/bin /tmp/guest/dev /tmp/guest/proc /tmp/guest/sys
    cp /bin/busybox /bin/lib.sh /bin/nvme_fetch /tmp/guest/bin/
    cp /bin/vsmmu-guest.sh /tmp/guest/init
    (cd /tmp/guest && find . | cpio -o -H newc >/tmp/guest.cpio)
}

# Whether the virtual machine has said VALUE of NAME.
says() { # NAME VALUE
    said=$(sed -n "s/^vsmmu: $1 //p" /tmp/machine)
    [ "$said" = "$2" ] || {
        echo "vsmmu: of \"$1\" the guest says \"$said\" instead of \"$2\""
        exit 1
    }
}

disk=/dev/nvme0n1
wait_for "$disk"
if [ -e "$(nodes pci-host-ecam-generic)/ats-supported" ]; then
    ats=on fault=silent # the controller is told, and nobody else (IHI 0070 3.9.1.2)
else
    ats=off fault=reported
fi
controller=$(basename "$(readlink -f /sys/class/nvme/nvme0/device)")
dd if=/dev/urandom of=/tmp/pattern bs=1048576 count=1 2>/dev/null
dd if=/tmp/pattern of="$disk" bs=1048576 conv=fsync 2>/dev/null
bind "$controller" vfio-pci
make_initramfs
run_machine
says ended 0
says smmu 1
says domain DMA
says read "$(sha256sum </tmp/pattern | cut -d ' ' -f 1)"
says messages 0
says content 0
says status 0x3
says fault "$fault"
bind "$controller" nvme
wait_for "$disk"
tr '\000-\377' '\001-\377\000' </tmp/pattern >/tmp/wanted
dd if="$disk" bs=1048576 skip=1 count=1 2>/dev/null | cmp - /tmp/wanted
kernel_never_said "$complaints|$smmu_event"
echo "vsmmu: a virtual machine has a part of the SMMU"
