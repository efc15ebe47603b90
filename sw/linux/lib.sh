# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# What several scripts of the guest need. Sourced from /bin.
# shellcheck disable=SC2034 # used by the scripts

device_tree=/sys/firmware/devicetree/base

# The value of NAME= on the kernel's command line.
asked() { # NAME
    tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"
}

# Paths of the enabled nodes of the device tree that are compatible with NAME.
nodes() { # NAME
    find "$device_tree"/ -name compatible | while read -r property; do
        tr '\0' '\n' <"$property" | grep -qx "$1" || continue
        node=${property%/compatible}
        grep -q disabled "$node/status" 2>/dev/null || echo "$node"
    done
}

# Whether firmware describes the machine by ACPI, without a device tree.
by_acpi() {
    [ -d /sys/firmware/acpi/tables ]
}

# How many structures of TYPE there are in an ACPI table, from byte FIRST on. Each has its type in the
# first byte, then its length, in WIDTH bytes.
acpi_structures() { # TABLE FIRST WIDTH TYPE
    hexdump -v -e '1/1 "%u\n"' "/sys/firmware/acpi/tables/$1" | awk \
        -v at="$2" -v width="$3" -v type="$4" '
        { byte[NR - 1] = $1 }
        END {
            while (at < NR) {
                count += byte[at] == type
                at += byte[at + 1] + (width == 2 ? 256 * byte[at + 2] : 0)
            }
            print count + 0
        }'
}

# How many SMMUs firmware tells of.
count_smmus() {
    if by_acpi; then
        acpi_structures IORT 48 2 4
    else
        nodes arm,smmu-v3 | wc -l
    fi
}

# Waits for FILE to be there, 5 seconds at most.
wait_for() { # FILE
    tries=100
    while [ ! -e "$1" ] && [ "$tries" -gt 0 ]; do
        sleep 0.05
        tries=$((tries - 1))
    done
    [ -e "$1" ]
}

# Binds PCI device ADDRESS to DRIVER, whatever has it now.
bind() { # ADDRESS DRIVER
    unbind "$1"
    echo "$2" >"/sys/bus/pci/devices/$1/driver_override"
    echo "$1" >/sys/bus/pci/drivers_probe
    [ "$(basename "$(readlink -f "/sys/bus/pci/devices/$1/driver")")" = "$2" ]
}

unbind() { # ADDRESS
    [ ! -e "/sys/bus/pci/devices/$1/driver" ] ||
        echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
}

# Whether the kernel translates the DMA of its own drivers.
translated() {
    ! grep -qw iommu.passthrough=1 /proc/cmdline
}

readonly complaints='WARNING:|BUG:|Call trace|Oops|rcu.*stall'
readonly smmu_event='arm-smmu-v3.*event 0x'

# Whether the kernel said nothing that matches PATTERN. Prints the first lines if it did.
kernel_never_said() { # PATTERN
    ! dmesg | grep -E "$1" | head -n 3 | grep .
}

# The Requester ID of PCI device ADDRESS of segment 0, which is its StreamID.
requester_id() { # ADDRESS
    bus=${1#*:}
    slot=${bus#*:}
    bus=${bus%%:*}
    echo $((0x$bus << 8 | 0x${slot%.*} << 3 | ${slot#*.}))
}

# Whether the kernel reports F_TRANSLATION for the StreamID SID at IOVA: type and StreamID are in the
# first doubleword of the record, IOVA in the third. The thread that reports may be a moment late.
translation_fault() { # SID IOVA
    sleep 0.1
    dmesg | grep -A 4 "${smmu_event}10 received" | awk \
        -v first="$(printf '0x%08x00000010' "$1")" -v third="$(printf '0x%016x' "$2")" '
        /event 0x/ { line = 0; stream = 0 }
        line == 1 { stream = $NF == first }
        line == 3 && stream && $NF == third { found = 1 }
        { line++ }
        END {
            if (!found) print "no F_TRANSLATION with " first " and " third
            exit !found
        }'
}
