# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh dual_path.c vfio_ring.h vfio_function.h dma_function.h
# A DMA device with two ways to memory, each behind an SMMU of its own (virt-dual-path.dts). VFIO has
# the function; the kernel gives the port a domain that lets everything pass, then one where nothing
# is mapped. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

function=0000:00:01.0
port=c010000.dma-port
smmu=90b0000.iommu # of the port
stream=0x20        # of the port

# A driver that does nothing is enough for the kernel to look after the SMMU of a platform device; as
# long as it has one the type of the domain cannot be changed.
adopt() { # PLATFORM-DEVICE
    echo simple-pm-bus >"/sys/bus/platform/devices/$1/driver_override"
    echo "$1" >/sys/bus/platform/drivers/simple-pm-bus/bind
    echo "$1" >/sys/bus/platform/drivers/simple-pm-bus/unbind
}

group_of() { # BUS DEVICE
    basename "$(readlink -f "/sys/bus/$1/devices/$2/iommu_group")"
}

# Runs the program with a domain of TYPE for the port; what it says is in /tmp/said.
run_with() { # TYPE
    echo "$1" >"/sys/kernel/iommu_groups/$port_group/type"
    dual_path "$function_group" "$function" "$1" >/tmp/said || {
        cat /tmp/said
        return 1
    }
    cat /tmp/said
}

events() { # [SMMU] prints how many
    dmesg | grep "$smmu_event" | grep -c "${1:-}" || true
}

modprobe vfio_iommu_type1
modprobe vfio-pci
bind "$function" vfio-pci
adopt "$port"
function_group=$(group_of pci "$function")
port_group=$(group_of platform "$port")
echo "vfio: the function is in group $function_group, the port in group $port_group"
[ "$function_group" != "$port_group" ]
[ "$(devmem 0xc010000 32)" = 0x314D4450 ] # the port shows the engine

before=$(events)
run_with identity
[ "$(events)" = "$before" ]

run_with DMA
sed -n 's/.* is refused at //p' /tmp/said | while read -r address; do
    translation_fault $((stream)) "$address" || exit 1
done
[ "$(events)" = $((before + 2)) ]
[ "$(events "$smmu")" = 2 ]
kernel_never_said "$complaints"
echo "vfio: the kernel reports what the port may not reach, and lives on"
