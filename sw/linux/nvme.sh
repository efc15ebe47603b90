# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# For `./vp linux --dts platform/dts/virt-nvme.dts --script`: a file system and raw blocks on an NVMe
# controller, with checksums; what an earlier boot left there has to be there still. Ends at the
# first thing that is wrong.
set -eu

disk=/dev/nvme0n1
controller=/sys/class/nvme/nvme0
raw_mib=4 # at the end of the disk, beyond the file system

say() {
    echo "nvme: $*"
}

drop_caches() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

wait_for() { # FILE
    tries=100
    while [ ! -e "$1" ] && [ "$tries" -gt 0 ]; do
        sleep 0.05
        tries=$((tries - 1))
    done
    [ -e "$1" ]
}

mount_disk() {
    mount -t ext2 "$disk" /mnt
}

# Where the blocks beyond the file system begin.
raw_start() {
    echo $(($(blockdev --getsize64 "$disk") / 1048576 - raw_mib))
}

sum_of_raw_blocks() {
    drop_caches
    dd if="$disk" bs=1048576 skip="$(raw_start)" 2>/dev/null | sha256sum | cut -d ' ' -f 1
}

# --- the controller ------------------------------------------------------------------------------

modprobe nvme
modprobe ext4
wait_for "$disk"
mkdir -p /mnt
group=$(readlink -f "$controller/device/iommu_group")
say "DMA goes through group ${group##*/}, of type $(cat "$group/type")"
if grep -qw iommu.passthrough=1 /proc/cmdline; then
    [ "$(cat "$group/type")" = identity ]
else
    [ "$(cat "$group/type")" != identity ]
fi

# --- the file system -----------------------------------------------------------------------------

if mount_disk 2>/dev/null; then
    (cd /mnt && sha256sum -c sums >/dev/null)
    say "what an earlier boot wrote is there"
    umount /mnt
fi
blocks=$(($(raw_start) * 1024))
mke2fs -b 4096 -F "$disk" "$blocks" >/dev/null
mount_disk
cp /bin/busybox /mnt/
for i in 1 2 3 4 5 6 7 8; do
    mkdir "/mnt/$i"
    head -c $((i * 77777)) /dev/urandom >"/mnt/$i/random"
    seq $((i * 5000)) >"/mnt/$i/numbers"
done
rm -r /mnt/3 /mnt/5
(cd /mnt && find . -type f -exec sha256sum {} + >/tmp/sums)
mv /tmp/sums /mnt/
umount /mnt
drop_caches
mount_disk
(cd /mnt && sha256sum -c sums >/dev/null)
say "$(wc -l </mnt/sums) files are as they were written"
umount /mnt

# --- raw blocks ----------------------------------------------------------------------------------

head -c $((raw_mib * 1048576)) /dev/urandom >/tmp/data
dd if=/tmp/data of="$disk" bs=1048576 seek="$(raw_start)" conv=fsync 2>/dev/null
wanted=$(sha256sum </tmp/data | cut -d ' ' -f 1)
[ "$(sum_of_raw_blocks)" = "$wanted" ]

# A reset loses nothing: neither what is written nor the way to it.
echo 1 >"$controller/reset_controller"
[ "$(cat "$controller/state")" = live ]
[ "$(sum_of_raw_blocks)" = "$wanted" ]

# Nor does a driver that goes and comes back.
device=$(basename "$(readlink -f "$controller/device")")
echo "$device" >/sys/bus/pci/drivers/nvme/unbind
echo "$device" >/sys/bus/pci/drivers/nvme/bind
wait_for "$disk"
[ "$(sum_of_raw_blocks)" = "$wanted" ]
say "sha256 of the raw blocks: $wanted"

# --- what the kernel says ------------------------------------------------------------------------

messages=$(grep 'MSI.*nvme0q1' /proc/interrupts | awk '
    { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i }
    END { print sum + 0 }')
[ "$messages" -gt 0 ]
say "$messages messages of queue 1"
dmesg | grep -E 'arm-smmu-v3.*event 0x|nvme.*(timeout|abort|error)|WARNING:|Call trace' && exit 1
say "all is well"
