#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# uboot.sh SMMU_VP BUILD TEST IMAGE: U-Boot runs to its prompt, finds the functions of PCI Express and
# the NVMe controller with a file on it, and has in a second run the variable that it saved in the first.
set -euo pipefail

# shellcheck source=tests/firmware/console.sh
. "$(dirname "$0")/console.sh"
readonly image=$4

installed "$image"
make_disk disk.img
printf 'a file on NVMe\r\n' >hello.txt
mcopy -i disk.img hello.txt ::
make_machine disk.img
printf '\377' >environment # the rest of the bank is erased

to_the_prompt() { # CONSOLE
    start "$1" --firmware "$image" --flash environment
    await '^U-Boot 2'
    await 'Hit any key to stop autoboot'
    type_keys ' '
    await '=> '
}

shut_down() {
    type_line poweroff
    await_end 0
}

to_the_prompt first.log
type_line 'pci enum'
await '=> '
type_line pci
await '00.04.00   0x1234     0x5033     Mass storage controller'
await '=> '
type_line 'nvme scan'
await '=> '
type_line 'nvme info'
await 'Capacity: 64.0 MB'
await '=> '
# shellcheck disable=SC2016 # a variable of U-Boot
type_line 'load nvme 0 ${loadaddr} hello.txt; md.b ${loadaddr} e'
await '16 bytes read'
await 'a file on NVMe'
await '=> '
type_line 'setenv kept 5a5a; saveenv'
await 'OK'
await '=> '
shut_down

to_the_prompt second.log
grep -q 'Loading Environment from Flash... OK' <(plain_text) ||
    fail "U-Boot does not find its environment"
type_line 'printenv kept'
await 'kept=5a5a'
await '=> '
shut_down
say "U-Boot runs and keeps its environment"
