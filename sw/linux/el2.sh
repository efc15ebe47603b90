# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: kvm_guest.c
# For `./vp linux --dts platform/dts/virt-el2.dts --script`: the kernel has started at EL2 and has its
# hypervisor there; a guest of it runs. Ends at the first thing that is wrong.
set -eu

dmesg | grep -E 'started at EL2|kvm \[1\]'
dmesg | grep -q 'CPU: All CPU(s) started at EL2'
dmesg | grep -qE 'kvm \[1\]: Hyp (nVHE )?mode initialized successfully'

kvm_guest

dmesg | grep -E 'WARNING:|BUG:|Oops|Call trace' && exit 1
echo "el2: a guest has run"
