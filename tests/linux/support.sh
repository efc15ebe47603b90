# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the boots of Linux have in common. Sourced, with the program and the build directory as first
# arguments; the third names the test. A test ends with status 3 if there is no kernel to be had.
# shellcheck disable=SC2034 # used by the files that are sourced

readonly program=$1 build=$2 results=$2/linux/test-$3
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly root
readonly caller=$PWD # for linux.sh
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/kernel.sh
. "$root/scripts/kernel.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"

# The machines that have a disk have it below the current directory.
readonly disk=$results/build/linux/disk.img
rm -rf "$results"
mkdir -p "$(dirname "$disk")"
cd "$results" || exit

# What `vp linux` does with the options given; its files go to DIR.
run_linux() { # DIR [OPTION...]
    local -A option=()
    local arguments boots
    linux_parse "${@:2}"
    linux_arguments "$1"
    linux_boots "$1" "$program"
}

expect_line() { # FILE PATTERN
    grep -qE "$2" "$1" || fail "no line of $1 matches \"$2\""
}
