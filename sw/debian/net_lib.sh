# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# The network interface of the virtio function, for scripts of `vp debian` with --net. Sourced after lib.sh.

# Prints the name of the network interface of the virtio function.
find_interface() {
    local each
    for each in /sys/class/net/*; do
        case $(readlink -f "$each") in
        */virtio[0-9]*/net/*) basename "$each" && return ;;
        esac
    done
}

# Sets `interface`. Its driver is a module that udev loads, which may come after the login; its name then is
# not yet that of the slot.
interface_comes() {
    local tries=0
    until udevadm settle && interface=$(find_interface) && [ -n "$interface" ]; do
        tries=$((tries + 1))
        [ "$tries" -le 30 ] || return
        sleep 1
    done
    case $interface in
    eth*) udevadm settle && interface=$(find_interface) ;;
    esac
}

address_is_there() {
    /usr/lib/systemd/systemd-networkd-wait-online --interface="$interface:routable" --ipv4 --timeout=60 &&
        ip -4 -o address show dev "$interface" | grep 'inet 10\.0\.2\.15/24 .* dynamic'
}

interface_is_behind_the_smmu() { # [TYPE...]
    is_behind_the_smmu "$interface" "$(readlink -f "/sys/class/net/$interface/device/..")" "$@"
}
