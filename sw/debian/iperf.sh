#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh net_lib.sh
# packages: iperf3
# For `vp debian` with --net: iperf3 both ways between a virtio function behind the SMMU and a server of the
# host, at port 5201 or the one that vp.iperf=PORT on the kernel's command line names. The domain has to be of the
# type that iommu.strict and iommu.passthrough there ask for.
# shellcheck disable=SC2317 # `check` calls functions
# shellcheck source=sw/debian/lib.sh
. ./lib.sh
# shellcheck source=sw/debian/net_lib.sh
. ./net_lib.sh

# The types of domain that the words for the IOMMU leave.
wanted_types() {
    case $(asked iommu.passthrough),$(asked iommu.strict) in
    1,*) echo identity ;;
    *,1) echo DMA ;;
    *,0) echo DMA-FQ ;;
    *) echo DMA DMA-FQ ;;
    esac
}

# Says, by the guest's clock, how fast data went that came and that went.
data_go() { # [OPTION OF IPERF3...]
    iperf3 --client 10.0.2.2 --port "$port" --bytes 64M --format M "$@" >/run/vp/iperf.log 2>&1 || {
        sed 's/^/# /' /run/vp/iperf.log
        return 1
    }
    sed -n 's/^\[.*sec  *\(.* MBytes\/sec\).*\(sender\|receiver\)$/# \2: \1/p' /run/vp/iperf.log
}

port=$(asked vp.iperf)
port=${port:-5201}
check 'there is a network on a virtio function' interface_comes
[ "$failed" = 0 ] || exit "$failed"
# shellcheck disable=SC2046 # words
check 'it is behind the SMMU, in a domain as it was asked for' interface_is_behind_the_smmu $(wanted_types)
check 'its address is there by DHCP' address_is_there
check 'data go to the host' data_go
check 'data come from the host' data_go --reverse
check 'the kernel has nothing to complain about' kernel_is_content
exit "$failed"
