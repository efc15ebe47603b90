# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# packages: e2fsprogs
# An NVMe controller: an ext4 file system is made, filled, checked and read again, and so are raw
# blocks. What an earlier boot left has to be there still. A disk with anything else on it is left
# alone. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

disk=/dev/nvme0n1
controller=/sys/class/nvme/nvme0
label=smmu-vp # of the file system: this script made it
raw_mib=2     # at the end of the disk, beyond the file system

say() {
    echo "nvme: $*"
}

die() {
    echo "nvme: $*" >&2
    exit 1
}

drop_caches() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

# BYTES of data, at most 3 MiB: those of programs, from `start` on.
data() { # BYTES
    cat /bin/busybox /bin/mke2fs /bin/busybox | tail -c "+$start" | head -c "$1"
}

# Where the blocks beyond the file system begin.
raw_start() {
    echo $(($(blockdev --getsize64 "$disk") / 1048576 - raw_mib))
}

sum_of_raw_blocks() {
    drop_caches
    dd if="$disk" bs=1048576 skip="$(raw_start)" 2>/dev/null | sha256sum | cut -d ' ' -f 1
}

is_blank() {
    [ "$(head -c 1048576 "$disk" | tr -d '\0' | wc -c)" = 0 ]
}

check_file_system() {
    e2fsck -f -n "$disk" >/tmp/e2fsck 2>&1 || die "e2fsck says: $(cat /tmp/e2fsck)"
}

# Compares all files with the sums among them.
check_files() {
    mount -t ext4 "$disk" /mnt
    (cd /mnt && sha256sum -c sums >/tmp/compared) || die "$(grep -v ': OK$' /tmp/compared)"
    files=$(wc -l </tmp/compared)
    raw_sum=$(cat /mnt/raw-sum)
    umount /mnt
}

# --- the controller ------------------------------------------------------------------------------

modprobe nvme
modprobe ext4
wait_for "$disk" || die "there is no $disk"
mkdir -p /mnt
group=$(readlink -f "$controller/device/iommu_group")
say "DMA goes through group ${group##*/}, of type $(cat "$group/type")"
if translated; then
    [ "$(cat "$group/type")" != identity ]
else
    [ "$(cat "$group/type")" = identity ]
fi

# --- what an earlier boot left -------------------------------------------------------------------

if [ "$(e2label "$disk" 2>/dev/null)" = "$label" ]; then
    check_file_system
    check_files
    [ "$(sum_of_raw_blocks)" = "$raw_sum" ] || die "the raw blocks are not as they were"
    say "what an earlier boot wrote is there: $files files, raw blocks with sha256 $raw_sum"
elif [ "$(asked vp.boot)" -gt 1 ] 2>/dev/null; then
    die "what an earlier boot wrote is not there"
elif ! is_blank; then
    die "there is something on $disk, which stays as it is"
fi

# --- raw blocks ----------------------------------------------------------------------------------

# Depends on what an earlier boot left, so that no block stays as it was, and on nothing else.
start=$((0x$(sum_of_raw_blocks | cut -c 1-3) + 1))
data $((raw_mib * 1048576)) >/tmp/data
raw_sum=$(sha256sum </tmp/data | cut -d ' ' -f 1)
dd if=/tmp/data of="$disk" bs=1048576 seek="$(raw_start)" conv=fsync 2>/dev/null
rm /tmp/data
[ "$(sum_of_raw_blocks)" = "$raw_sum" ]

# A reset loses nothing: neither what is written nor the way to it.
echo 1 >"$controller/reset_controller"
[ "$(cat "$controller/state")" = live ]
[ "$(sum_of_raw_blocks)" = "$raw_sum" ]

# Nor does a driver that goes and comes back.
device=$(basename "$(readlink -f "$controller/device")")
unbind "$device"
bind "$device" nvme
wait_for "$disk"
[ "$(sum_of_raw_blocks)" = "$raw_sum" ]

# With PRPs alone, then with an SGL wherever the driver can: from which average of segments on.
for threshold in 0 1; do
    echo "$threshold" >/sys/module/nvme/parameters/sgl_threshold
    [ "$(sum_of_raw_blocks)" = "$raw_sum" ]
done
say "sha256 of the raw blocks: $raw_sum"

# --- the file system -----------------------------------------------------------------------------

# By its path: the shell has an mke2fs of its own, for ext2.
/bin/mke2fs -q -t ext4 -L "$label" -b 4096 -F "$disk" "$(($(raw_start) * 256))" \
    >/tmp/mke2fs 2>&1 || die "mke2fs says: $(cat /tmp/mke2fs)"
mount -t ext4 "$disk" /mnt
cp /bin/busybox /mnt/
for i in 1 2 3 4 5 6 7 8; do
    mkdir "/mnt/$i"
    data $((i * 77777)) >"/mnt/$i/data"
    seq $((i * 500)) >"/mnt/$i/numbers"
done
rm -r /mnt/3 /mnt/5
(cd /mnt && find . -type f -exec sha256sum {} + >/tmp/sums)
mv /tmp/sums /mnt/
echo "$raw_sum" >/mnt/raw-sum
umount /mnt
drop_caches
check_file_system
check_files
say "ext4: $files files are as they were written, and e2fsck is content"

# --- what the kernel says ------------------------------------------------------------------------

messages=$(grep 'MSI.*nvme0q1' /proc/interrupts | awk '
    { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i }
    END { print sum + 0 }')
[ "$messages" -gt 0 ]
say "$messages messages of queue 1"
kernel_never_said "$complaints|$smmu_event|nvme.*(timeout|abort|error)|EXT4-fs.*error"
say "all is well"
