#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts.sh CASE: tests the scripts of `vp linux` without a kernel, with stand-ins for the
# simulator, for apt and for packages.
set -euo pipefail

root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly root
readonly caller=$PWD
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
readonly build=$work/build
export XDG_CACHE_HOME=$work/cache HOME=$work
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"
# shellcheck source=scripts/bench.sh
. "$root/scripts/bench.sh"

expect() { # GOT WANTED
    [[ $1 == "$2" ]] || fail "got \"$1\" instead of \"$2\""
}

# Runs a command that must fail; sets `status` and `said`.
run() { # COMMAND [ARGUMENT...]
    status=0
    said=$("$@" 2>&1) || status=$?
}

# An executable NAME, first in PATH, that runs SCRIPT.
stand_in() { # NAME SCRIPT
    mkdir -p "$work/bin"
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
    PATH=$work/bin:$PATH
}

# What the initramfs is made of: a busybox and modules of no use.
fake_software() {
    mkdir -p "$build/linux" "$work/modules/lib/modules/1.0"
    echo busybox >"$work/busybox"
    echo module >"$work/modules/lib/modules/1.0/a.ko"
    echo "echo hello" >"$work/script"
}

# --- arguments -----------------------------------------------------------------------------------

wrong_arguments_are_refused_in_one_line() {
    local words
    for words in '--colour' 'extra' '--cpus' '--cpus 0' '--cpus 9' '--cpus two' \
        '--mem 1' '--mem 0M' '--mem 1T' '--release sid' '--gdb x' '--max-time soon' \
        '--trace insn,' '--trace all' '--kernel /nowhere' '--initrd /' '--script nowhere' \
        '--dts nowhere' '--interactive --script /etc/passwd' \
        '--initrd /etc/passwd --script /etc/passwd'; do
        # shellcheck disable=SC2086 # several words
        run "$root/vp" linux $words
        expect "$status" 2
        expect "$(wc -l <<<"$said")" 1
        [[ $said == 'vp: linux: '* ]] || fail "$words: \"$said\""
    done
}

# Sets `arguments` for the options given, with files of no content for kernel and initramfs.
arguments_of() { # [ARGUMENT...]
    local -A option=()
    touch "$work/kernel" "$work/initrd"
    linux_parse --kernel "$work/kernel" --initrd "$work/initrd" "$@"
    linux_arguments
}

options_reach_the_simulator() {
    local arguments
    arguments_of
    expect "${arguments[*]}" "--dtb $build/platform/virt.dtb --kernel $work/kernel \
--initrd $work/initrd --append console=ttyAMA0 earlycon panic=-1 --max-time 60"
    arguments_of --cpus 4 --mem 512M --append 'a b' --gdb 1234 --trace exc,smmu
    expect "${arguments[*]:6}" \
        "--append console=ttyAMA0 earlycon panic=-1 vp.cpus=4 vp.mem=524288 a b \
--cpus 4 --mem 512M --gdb 1234 --trace exc,smmu --trace-file $build/linux/trace.log"
    arguments_of --interactive --max-time 2.5
    expect "${arguments[*]:6}" \
        "--append console=ttyAMA0 earlycon panic=-1 vp.shell --max-time 2.5"
}

sizes_are_those_of_the_kernel() {
    expect "$(kibibytes 64K) $(kibibytes 512M) $(kibibytes 3G)" "64 524288 3145728"
}

files_are_relative_to_where_the_user_is() {
    touch "$work/kernel"
    mkdir "$work/elsewhere"
    run bash -c "cd $work && $root/vp linux --kernel kernel --dts elsewhere"
    expect "$status" 2
    expect "$said" \
        "vp: linux: --dts $work/elsewhere: there is no such file, or it cannot be read"
}

a_device_tree_is_compiled_or_refused_in_one_line() {
    local dtb
    mkdir -p "$build/linux"
    echo '/dts-v1/; / { a = <1>; };' >"$work/good.dts"
    linux_machine "$work/good.dts"
    expect "$(fdtget "$dtb" / a)" 1
    printf '/dts-v1/;\n/ { a = <1> }\n' >"$work/bad.dts"
    run linux_machine "$work/bad.dts"
    expect "$status" 2
    expect "$(wc -l <<<"$said")" 1
    [[ $said == "vp: linux: --dts $work/bad.dts: dtc says Error: $work/bad.dts:2"* ]] ||
        fail "\"$said\""
}

# --- runs ----------------------------------------------------------------------------------------

# The verdict on a run that printed TEXT and ended with STATUS.
verdict() { # TEXT STATUS
    printf '%b' "$1" >"$work/console.log"
    run linux_verdict "$work" "$2"
}

the_guest_decides() {
    verdict 'vp-linux: guest status 0\n' 0
    expect "$status" 0
    verdict 'all is well\nreboot: Power down\n' 0
    expect "$said" "the guest did not live to tell how its script ended (smmu-vp: status 0)"
    verdict 'it said vp-linux: guest status 0\nvp-linux: guest status 0, or not\n' 3
    expect "$said" "the guest did not live to tell how its script ended (smmu-vp: status 3)"
    verdict 'vp-linux: guest status 0\nvp-linux: guest status 12\n' 0
    expect "$said" "the script in the guest ended with status 12"
    verdict 'vp-linux: guest status 0\n' 4
    expect "$said" "the guest was content, but smmu-vp ended with status 4"
    expect "$status" 1
}

console_and_counters_are_kept_apart() {
    local program_status
    # shellcheck disable=SC2016 # for the stand-in
    stand_in simulator '
        printf "hello\r\nrun.x 1\r\nrun.guest-seconds 1\na.b 2\n"
        echo "$@" >&2
        exit 7'
    linux_run "$work/run" simulator --one 'two three' >"$work/shown" 2>"$work/errors"
    expect "$program_status" 7
    expect "$(<"$work/errors")" "--one two three"
    expect "$(<"$work/shown")" $'hello\nrun.x 1'
    expect "$(<"$work/run/console.log")" $'hello\nrun.x 1'
    expect "$(<"$work/run/stats.txt")" $'run.guest-seconds 1\na.b 2'
}

the_summary_has_every_smmu() {
    printf '%s\n' 'run.guest-seconds 1.5' 'run.host-seconds 2.0' \
        'run.instructions 1500000000' 'run.mips 750.0' 'cpu@0.instructions 1000000000' \
        'cpu@1.instructions 500000000' 'a.translations 1' 'a.tlb-hits 2' \
        'a.events 3' 'b.translations 4' 'b.tlb-hits 5' >"$work/stats"
    run linux_summary "$work/stats"
    expect "$(head -n 1 <<<"$said")" \
        "guest time 1.500 s, host time 2.000 s, 1500000000 instructions, 750.0 MIPS"
    expect "$(grep -c ' translations [14],.* tlb-hits [25],' <<<"$said")" 2
    [[ $said == *'events 3'* ]] || fail "no events in \"$said\""
}

# --- initramfs and packages ----------------------------------------------------------------------

the_same_initramfs_every_time() {
    local initramfs first
    fake_software
    initramfs_make "$work/busybox" "$work/modules" "$work/script"
    first=$(sha256sum <"$initramfs")
    rm "$initramfs"
    umask 077
    touch -d '1 hour ago' "$work/busybox" "$work/modules/lib" "$work/script"
    initramfs_make "$work/busybox" "$work/modules" "$work/script"
    expect "$(sha256sum <"$initramfs")" "$first"
    expect "$(cpio --quiet -it <"$initramfs" | grep -cE '^(init|check|bin/busybox|lib/.*/a.ko)$')" 4
    expect "$(TZ=UTC cpio --quiet -itv <"$initramfs" | grep -vc ' root .* root .* Jan  1  1970 ')" 0
}

another_script_is_another_initramfs() {
    local initramfs first
    fake_software
    initramfs_make "$work/busybox" "$work/modules" "$work/script"
    first=$initramfs
    echo "echo bye" >"$work/script"
    initramfs_make "$work/busybox" "$work/modules" "$work/script"
    [[ $initramfs != "$first" && -f $initramfs && -f $first ]] || fail "$initramfs, $first"
    expect "$(cpio --quiet -i --to-stdout check <"$initramfs")" "echo bye"
}

a_script_gets_what_it_needs() {
    local initramfs first
    fake_software
    printf '# needs: data.bin hello.c\n' >>"$work/script"
    echo data >"$work/data.bin"
    echo 'int main(void) { return 0; }' >"$work/hello.c"
    initramfs_make "$work/busybox" "$work/modules" "$work/script"
    first=$initramfs
    expect "$(cpio --quiet -i --to-stdout bin/data.bin <"$initramfs")" data
    cpio --quiet -i --to-stdout bin/hello <"$initramfs" >"$work/hello"
    expect "$(readelf -h "$work/hello" | sed -n 's/.*Machine: *//p')" AArch64
    expect "$(readelf -l "$work/hello" | grep -c INTERP)" 0
    echo 'int main(void) { return 1; }' >"$work/hello.c"
    initramfs_make "$work/busybox" "$work/modules" "$work/script"
    [[ $initramfs != "$first" ]] || fail "a program that changed is in no other initramfs"
}

a_script_that_needs_what_is_not_there_is_refused() {
    fake_software
    echo '# needs: nowhere' >>"$work/script"
    run initramfs_make "$work/busybox" "$work/modules" "$work/script"
    expect "$status" 2
    expect "$said" "vp: linux: --script $work/script needs $work/nowhere, \
which is not there or cannot be read"
}

own_files_need_no_packages() {
    local kernel initrd
    stand_in apt-get 'echo "apt-get was run" >&2; exit 1'
    linux_software bookworm script /my/kernel /my/initrd
    expect "$kernel $initrd" "/my/kernel /my/initrd"
}

no_mirror_is_status_3() {
    # shellcheck disable=SC2016 # for the stand-in
    stand_in apt-get '
        [ "$1" = indextargets ] || { echo "E: nobody is there"; exit 100; }
        . /etc/os-release
        echo "$VERSION_CODENAME http://mirror.example/debian/"'
    run linux_software bookworm script
    expect "$status" 3
    expect "$(tail -n 1 <<<"$said")" "vp: Debian bookworm cannot be fetched: nobody is there"
    [[ ! -e $XDG_CACHE_HOME/smmu-vp/debian/bookworm ]] || fail "something is in the cache"
}

a_damaged_package_is_not_used() {
    local cache=$XDG_CACHE_HOME/smmu-vp/debian/bookworm
    mkdir -p "$cache"
    echo good >"$cache/linux-image-1.deb"
    (cd "$cache" && sha256sum ./*.deb >SHA256SUMS)
    echo evil >"$cache/linux-image-1.deb"
    run linux_software bookworm script
    expect "$status" 1
    [[ $said == *"$cache is damaged: delete it" ]] || fail "\"$said\""
}

the_median_is_in_the_middle() {
    expect "$(median 10.5 9 100)" 10.5
}

"$1"
