# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# An NVMe controller without its driver is told to fetch commands from an address that nobody mapped.
# The SMMU stops it, the kernel reports the event, the controller a fatal status; the driver gets over
# it. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

disk=/dev/nvme0n1
bad_address=0x76543000

say() {
    echo "nvme: $*"
}

register() { # OFFSET [VALUE]
    devmem $((bar + $1)) 32 ${2:+"$2"}
}

disk_works() {
    wait_for "$disk" && dd if="$disk" of=/dev/null bs=1048576 count=1 2>/dev/null
}

modprobe nvme
disk_works

# --- without the driver --------------------------------------------------------------------------

device=$(basename "$(readlink -f /sys/class/nvme/nvme0/device)")
directory=/sys/bus/pci/devices/$device
unbind "$device"
bar=$(head -n 1 "$directory/resource" | cut -d ' ' -f 1)
echo 1 >"$directory/enable"
printf '\006' | dd of="$directory/config" bs=1 seek=4 conv=notrunc 2>/dev/null # memory, bus master

register 0x14 0                 # CC
register 0x24 0x000f000f        # AQA
register 0x28 "$bad_address"    # ASQ
register 0x2c 0
register 0x30 "$bad_address" # ACQ
register 0x34 0
register 0x14 0x00460001
[ $(($(register 0x1c))) = 1 ] # CSTS: ready
register 0x1000 1             # doorbell of the admin queue

translation_fault "$(requester_id "$device")" "$bad_address"
[ $(($(register 0x1c))) = 3 ] # and fatal
say "the kernel reports the event, the controller a fatal status"

# --- with it again -------------------------------------------------------------------------------

echo 0 >"$directory/enable"
bind "$device" nvme
disk_works
kernel_never_said "$complaints"
say "the driver is back"
