# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# packages: e2fsprogs
# boot: iommu.strict=1
# boot: iommu.strict=1
# boot: iommu.strict=0
# boot: iommu.passthrough=1
# virtio functions: entropy, a network by DHCP, an ext4 file system on a disk. With vp.peer on the kernel's
# command line a host has ports that lead to 7, where it sends data to, and 8, where it gets some from.
# Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

say() {
    echo "virtio: $*"
}

die() {
    echo "virtio: $*" >&2
    exit 1
}

# The type that domains of this boot have.
wanted_type() {
    if ! translated; then
        echo identity
    elif [ "$(asked iommu.strict)" = 0 ]; then
        echo DMA-FQ
    else
        echo DMA
    fi
}

# Sets `function` to that of the virtio device TYPE, whose DMA has to be translated as asked for.
find_function() { # TYPE
    for function in /sys/bus/pci/devices/*; do
        [ "$(cat "$function/vendor") $(cat "$function/device")" = "0x1af4 0x$1" ] || continue
        [ "$(cat "$function/iommu_group/type")" = "$(wanted_type)" ] ||
            die "$1 has a domain of type $(cat "$function/iommu_group/type")"
        return 0
    done
    die "there is no virtio function $1"
}

# BYTES of data: those of programs.
data() { # BYTES
    cat /bin/busybox /bin/mke2fs /bin/busybox | head -c "$1"
}

sum() {
    sha256sum | cut -d ' ' -f 1
}

modprobe virtio_pci

# --- entropy -------------------------------------------------------------------------------------

modprobe virtio_rng
find_function 1044
wait_for /dev/hwrng
say "entropy $(head -c 256 /dev/hwrng | sum)"

# --- a disk --------------------------------------------------------------------------------------

disk=/dev/vda
modprobe virtio_blk
modprobe ext4
find_function 1042
wait_for "$disk"
[ "$(cat /sys/block/vda/serial)" = disk-of-virtio ] || die "$disk has another identifier"
data 2000000 >/tmp/data
dd if=/tmp/data of="$disk" bs=65536 seek=16 conv=fsync 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
[ "$(dd if="$disk" bs=65536 skip=16 2>/dev/null | head -c 2000000 | sum)" = "$(sum </tmp/data)" ]
blkdiscard -o 1048576 -l 1048576 "$disk"
[ "$(dd if="$disk" bs=1048576 skip=1 count=1 2>/dev/null | tr -d '\0' | wc -c)" = 0 ]
/bin/mke2fs -q -t ext4 -F "$disk" >/tmp/mke2fs 2>&1 || die "mke2fs says: $(cat /tmp/mke2fs)"
mkdir -p /mnt
mount -t ext4 "$disk" /mnt
for i in 1 2 3 4 5 6 7 8; do
    data $((i * 77777)) >"/mnt/$i"
done
(cd /mnt && sha256sum 1 2 3 4 5 6 7 8) >/tmp/sums
umount /mnt
echo 3 >/proc/sys/vm/drop_caches
e2fsck -f -n "$disk" >/tmp/e2fsck 2>&1 || die "e2fsck says: $(cat /tmp/e2fsck)"
mount -t ext4 -o ro "$disk" /mnt
(cd /mnt && sha256sum -c /tmp/sums >/dev/null)
umount /mnt
say "ext4: all files are as they were written"

# --- a network -----------------------------------------------------------------------------------

cat >/tmp/dhcp <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
echo "nameserver $dns" >/etc/resolv.conf
END
chmod +x /tmp/dhcp
mkdir -p /etc

modprobe virtio_net
find_function 1041
ip link set lo up
ip link set eth0 up
udhcpc -i eth0 -n -q -f -s /tmp/dhcp >/tmp/udhcpc 2>&1 || die "udhcpc says: $(cat /tmp/udhcpc)"
ip addr show dev eth0 | grep -q 'inet 10\.0\.2\.15/24' || die "eth0 has no address"
grep -qx 'nameserver 10.0.2.3' /etc/resolv.conf
ping -c 1 -W 5 10.0.2.2 >/dev/null || die "10.0.2.2 does not answer"
say "eth0 has 10.0.2.15"

if grep -qw vp.peer /proc/cmdline; then
    mkfifo /tmp/nothing
    exec 3<>/tmp/nothing # so that what is read from it does not end
    nc -l -p 7 <&3 >/tmp/received &
    server=$!
    say "waiting at port 7"
    wait "$server"
    say "received $(sum </tmp/received)"
    data 3000000 >/tmp/sent
    nc -l -p 8 </tmp/sent >/dev/null &
    server=$!
    say "sending $(sum </tmp/sent)"
    wait "$server"
fi

# --- what the kernel says ------------------------------------------------------------------------

# A driver that goes and comes back finds a device that works.
address=$(basename "$function")
bind "$address" virtio-pci
wait_for /sys/class/net/eth0
ip link set eth0 up
udhcpc -i eth0 -n -q -f -s /tmp/dhcp >/tmp/udhcpc 2>&1 || die "udhcpc says: $(cat /tmp/udhcpc)"

kernel_never_said "$complaints|$smmu_event|virtio.*(fail|error|broken)|EXT4-fs.*error"
say "all is well"
