#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# commands.sh CASE: tests the commands of vp in a tree of its own, with stand-ins for everything that
# installs, builds or runs.
set -euo pipefail

source_tree=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly source_tree
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
readonly root=$work/tree
readonly build=$root/build
# shellcheck source=tests/linux/stand_ins.sh
. "$source_tree/tests/linux/stand_ins.sh"
# shellcheck source=scripts/common.sh
. "$source_tree/scripts/common.sh"

mkdir "$root"
cp "$source_tree/vp" "$root/"
for each in scripts sw tests platform; do
    ln -s "$source_tree/$each" "$root/$each"
done

# Everything that vp could run leaves a word in $work/ran. Packages are all there.
stand_in dpkg-query 'echo "install ok installed"'
# shellcheck disable=SC2016 # for the stand-ins
for each in apt-get sudo clang-format ctest ninja; do
    stand_in "$each" "echo $each >>$work/ran"
done
real_cmake=$(command -v cmake)
readonly real_cmake
# The build says what ninja would, and makes what is run afterwards.
stand_in cmake "
    case \$* in
    *regex.cmake) exec $real_cmake \"\$@\" ;;
    --build*) ;;
    *) exit 0 ;;
    esac
    echo cmake >>$work/ran
    . $work/build.sh"
# shellcheck disable=SC2016 # for the stand-in
echo 'for i in 1 2 3 4 5 6 7 8 9 10; do echo "[$i/10] compiling"; done' >"$work/build.sh"

nothing_has_run() {
    [[ ! -e $work/ran ]] || fail "$(sort -u "$work/ran" | tr '\n' ' ') ran: \"$said\""
}

# Wrong arguments: one line, status 2, and nothing has been installed or built.
refused() { # ARGUMENT...
    run "$root/vp" "$@"
    expect "$status: $*" "2: $*"
    expect "$(wc -l <<<"$said")" 1
    [[ $said == 'vp: '* ]] || fail "$*: \"$said\""
    nothing_has_run
    [[ ! -e $build ]] || fail "$*: there is a build directory"
}

wrong_commands_are_refused() {
    refused tset
    refused ''
    refused help me
    refused build everything
    refused lint --fix
    refused clean all
    expect "$said" 'vp: clean takes no arguments, got "all"'
}

wrong_tests_are_refused() {
    local words
    for words in --colour extra -R '-j x' -jx -j4x '-j 0' '-j -1' '-j nan' '--timeout nan' \
        '--timeout 1e400' '--timeout inf' '--timeout 0x10' '--timeout -1' '--repeat 3' \
        '--repeat until-fail:x' '--repeat until-fail:0' '-I all' '--asan --coverage' \
        '--format -V' '--format --with-qemu' '-R *' '-E (' '-L [' "-LE \\" '--tests-regex )' \
        '--label-regex +'; do
        set -f
        # shellcheck disable=SC2086 # several words
        refused test $words
    done
    set +f
    refused test -R '*'
    expect "$said" 'vp: test: -R "*" is no regular expression of ctest'
}

what_ctest_takes_reaches_it() {
    stand_in ctest 'echo "$@"'
    run "$root/vp" test -j2 -R '^Tlb.*(a|b)$' --repeat until-fail:3 --timeout 0.5 -I 1,,2
    expect "$status" 0
    [[ $said == *'-j2 -R ^Tlb.*(a|b)$ --repeat until-fail:3 --timeout 0.5 -I 1,,2'* ]] ||
        fail "\"$said\""
}

wrong_programs_are_refused() {
    refused firmware boot nonsense
    [[ $said == 'vp: firmware: unknown program "nonsense"; there are: '*' boot '* ]] ||
        fail "\"$said\""
    refused firmware ''
}

# Unless it is said which tests to run, those of further kernels are not among them.
further_kernels_are_for_who_asks() {
    stand_in ctest 'echo "$@"'
    run "$root/vp" test -j2 -E Tlb
    [[ $said == *'./vp test -L kernels'*'./vp test -L debian'*'./vp test -L sva'* ]] || fail "\"$said\""
    [[ $said == *'-j2 -E Tlb -LE ^(debian|kernels|sva)$'* ]] || fail "\"$said\""
    run "$root/vp" test -L kernels
    [[ $said != *-LE* ]] || fail "\"$said\""
}

# Sources of a kernel in a package, and a make that takes of its configuration what $work/taken has.
fake_sources() {
    local package=linux-source-7.3 cache
    export XDG_CACHE_HOME=$work/cache
    cache=$XDG_CACHE_HOME/smmu-vp/debian/trixie-backports=$package
    mkdir -p "$cache" "$work/source/usr/src/$package" "$work/source/DEBIAN"
    echo all: >"$work/source/usr/src/$package/Makefile"
    tar -C "$work/source/usr/src" --remove-files -cJf "$work/source/usr/src/$package.tar.xz" "$package"
    printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: x\n' \
        "$package" >"$work/source/DEBIAN/control"
    dpkg-deb --build "$work/source" "$cache/${package}_1_all.deb" >/dev/null
    (cd "$cache" && sha256sum ./*.deb >SHA256SUMS)
    # shellcheck disable=SC2016 # for the stand-in
    stand_in make '
        for each; do
            case $each in
            O=*) out=${each#O=} ;;
            MO=*) module=${each#MO=} ;;
            esac
        done
        mkdir -p "$out/arch/arm64/boot" "$out/usr/include/linux"
        case $* in
        *allnoconfig) cp '"$work"'/taken "$out/.config" ;;
        *Image*)
            [ ! -e '"$work"'/broken ] || { echo "  CC      a.o"; echo "a.c: error"; exit 2; }
            echo image >"$out/arch/arm64/boot/Image"
            echo header >"$out/usr/include/linux/a.h"
            for i in $(seq 250); do echo "  CC      $i.o"; done
            ;;
        *M=*/sw/linux/module*) mkdir -p "$module" && echo module >"$module/own.ko" ;;
        esac
        echo make >>'"$work"'/ran'
    cp "$source_tree/sw/linux/sva.config" "$work/taken"
}

a_kernel_is_built_once() {
    local kept
    fake_sources
    refused kernel now
    expect "$said" 'vp: kernel takes no arguments, got "now"'
    run "$root/vp" kernel
    expect "$status" 0
    kept=$(sed -n 's/^vp: the kernel is //p' <<<"$said")
    expect "$(<"$kept")" image
    expect "$(<"${kept%/Image}/include/linux/a.h")" header
    expect "$(<"${kept%/Image}/root/lib/modules/own.ko")" module
    expect "$(<"${kept%/Image}/root/boot/Image")" image
    expect "$(grep -c '^vp: compiled [12]00 files' <<<"$said")" 2
    [[ ! -e $build/linux/kernel ]] || fail "sources and objects are still there"
    rm "$work/ran"
    run "$root/vp" kernel
    expect "$status: $said" "0: vp: the kernel is $kept"
    nothing_has_run
}

what_a_kernel_does_not_take_is_told() {
    fake_sources
    sed -i 's/^CONFIG_IOMMUFD=y$/# CONFIG_IOMMUFD is not set/' "$work/taken"
    run "$root/vp" kernel
    expect "$status" 1
    expect "$(tail -n 1 <<<"$said")" \
        "vp: Linux 7.3 does not take, of sw/linux/sva.config: CONFIG_IOMMUFD=y"
}

a_kernel_that_cannot_be_built_shows_why() {
    fake_sources
    touch "$work/broken"
    run "$root/vp" kernel
    expect "$status" 1
    [[ $said == *'a.c: error'*"the output is in $build/linux/kernel/log" ]] || fail "\"$said\""
    rm "$work/broken"
    run "$root/vp" kernel
    expect "$status" 0
    [[ $said != *unpacking* ]] || fail "what was built is built again"
}

# The names that are looked at before the build are those that the build knows.
programs_are_those_of_the_build() {
    local names=$1
    [[ -f $names ]] || return 0
    # shellcheck source=vp
    run bash -c "set -- help; . '$root/vp' >/dev/null; program_names"
    expect "$said" "$(cut -d ' ' -f 1 "$names" | sort)"
}

# There is one page for all of them.
each_command_helps() {
    local command page
    run "$root/vp" help
    page=$said
    for command in test firmware linux kernel debian efi rtl replay report sweep bench lint docs build clean; do
        grep -qE "^  $command( |\$)" <<<"$page" || fail "the page has nothing about $command"
        run "$root/vp" "$command" --help
        expect "$status" 0
        expect "$said" "$page"
        run "$root/vp" "$command" -h
        expect "$said" "$page"
    done
    refused tests --help
    nothing_has_run
}

# An option that does not take just anything says what it takes.
what_an_option_takes_is_told() {
    refused linux --flavour 64k
    expect "$said" 'vp: linux: --flavour cannot be "64k": 16k, cloud or rt'
    refused linux --gdb 65536
    expect "$said" 'vp: linux: --gdb cannot be "65536": a port, 1 to 65535'
    refused linux --release sid
    expect "$said" 'vp: linux: --release cannot be "sid": bookworm, trixie or trixie-backports'
    refused linux --trace all
    expect "$said" 'vp: linux: --trace cannot be "all": a list of insn, exc and smmu'
    refused linux --net tap
    expect "$said" \
        'vp: linux: --net cannot be "tap": user[,hostfwd=PROTOCOL:[ADDRESS]:PORT-[ADDRESS]:PORT]...'
    refused debian --mem 1T
    expect "$said" 'vp: debian: --mem cannot be "1T": a number and K, M or G, such as 512M'
    refused debian --firmware bios
    expect "$said" 'vp: debian: --firmware cannot be "bios": none, edk2 or uboot'
    refused debian --packages -y
    expect "$said" 'vp: debian: --packages cannot be "-y": names of packages, separated by commas or spaces'
    refused efi --max-time 0 x
    expect "$said" 'vp: efi: --max-time cannot be "0": seconds, 0.000000001 to 999999.999999999'
    refused sweep --jobs 0 x
    expect "$said" 'vp: sweep: --jobs cannot be "0": 1 to 9999'
}

wrong_benchmarks_are_refused() {
    refused bench nonsense
    expect "$said" 'vp: bench: no benchmark matches "nonsense"'
    refused bench '('
    for each in + '*' '?' '{1}' 'a{1' 'a{2,1}' '[' "a\\"; do
        refused bench "$each"
        expect "$said" "vp: bench: \"$each\" is no regular expression"
    done
    refused bench core tlm
}

# A benchmark program that lists three names, and otherwise prints what it is asked for.
fake_benchmarks() {
    cat >"$work/build.sh" <<BUILD
mkdir -p $build/release/tests/bench
cat >$build/release/tests/bench/smmu_bench <<'PROGRAM'
#!/bin/sh
case \$1 in
--benchmark_list_tests) printf 'core.translate.hit\ncpu.mips\ntlm.copy/4+096\n'; exit 1 ;;
*) echo "\$@"; exit $1 ;;
esac
PROGRAM
chmod +x $build/release/tests/bench/smmu_bench
BUILD
}

# A callgrind that has dumped 10 times, the last time LAST instructions, and a result of Google Benchmark.
fake_callgrind() { # LAST RESULT
    stand_in valgrind "
        for each; do
            case \$each in
            --callgrind-out-file=*) out=\${each#*=} ;;
            --benchmark_filter=*) echo \"\$each\" >>$work/counted ;;
            --benchmark_out=*) echo '$2' >\${each#*=} ;;
            esac
        done
        for i in 1 2 9; do echo 'summary: 1' >\$out.\$i; done
        echo 'summary: $1' >\$out.10"
}

# 4000 instructions in 20 iterations of 2 microseconds, with a million transactions in a second, or a
# hundredth of a microsecond for each.
instructions_are_counted_by_what_a_benchmark_counts() {
    local result='  "iterations": 20,
  "cpu_time": 2.0000000000000000e+03,'
    fake_benchmarks 0
    fake_callgrind 4000 "$result"
    run "$root/vp" bench hit
    expect "$status: $(tail -n 1 <<<"$said")" '0: instructions core.translate.hit 200.0'
    fake_callgrind 4000 "$result
  \"1/s\": 1.0000000000000000e+06"
    run "$root/vp" bench '^tlm'
    expect "$status: $(tail -n 1 <<<"$said")" '0: instructions tlm.copy 100.0'
    fake_callgrind 4000 "$result
  \"MIPS\": 2.0000000000000000e+01"
    run "$root/vp" bench mips
    expect "$status: $(tail -n 1 <<<"$said")" '0: instructions cpu.mips 5.0'
    fake_callgrind 4000 "$result
  \"ns\": 1.0000000000000000e+01"
    run "$root/vp" bench mips
    expect "$status: $(tail -n 1 <<<"$said")" '0: instructions cpu.mips 1.0'
    expect "$(head -n 2 "$work/counted" | tail -n 1)" '--benchmark_filter=^(tlm\.copy/4\+096)$'
}

instructions_that_cannot_be_counted_are_told_of() {
    fake_benchmarks 0
    stand_in valgrind 'echo no memory; exit 1'
    run "$root/vp" bench hit
    expect "$status: $(tail -n 1 <<<"$said")" \
        '1: vp: bench: the instructions of core.translate.hit could not be counted: no memory'
}

# The program reads expressions in a way of its own: it gets names.
benchmarks_are_asked_for_by_name() {
    fake_benchmarks 0
    fake_callgrind 1 '"iterations": 1'
    run "$root/vp" bench 'hit|^tlm|^mips'
    expect "$status" 0
    expect "$(grep benchmark_filter <<<"$said")" \
        '--benchmark_filter=^(core\.translate\.hit|tlm\.copy/4\+096)$'
    run env HOME="$work" "$root/vp" bench '^dma_map'
    expect "$status" 0
    [[ $said == *'dma_map.* is left out: ./vp kernel builds its kernel' ]] || fail "\"$said\""
    fake_benchmarks 1
    run "$root/vp" bench mips
    expect "$status" 1
}

wrong_rtl_arguments_are_refused() {
    local value
    refused rtl extra
    expect "$said" 'vp: rtl: unknown argument "extra"'
    refused rtl --trace
    refused rtl --trace ''
    refused rtl --trace "$work/none/trace.fst"
    expect "$said" "vp: rtl: $work/none/trace.fst cannot be written"
    refused rtl --trace "$work"
    refused rtl --trace $'a\nb'
    for value in 0 -1 x 1e3 1234567890 ''; do
        refused rtl --count "$value"
        refused rtl --seed "$value"
    done
    expect "$said" 'vp: rtl: --seed cannot be "": 1 to 999999999'
}

wrong_efi_arguments_are_refused() {
    local application=$work/application.efi
    refused efi
    expect "$said" 'vp: efi: an EFI application is needed'
    refused efi "$work/none.efi"
    expect "$said" "vp: efi: $work/none.efi: there is no such file, or it cannot be read"
    refused efi "$work/build.sh"
    expect "$said" "vp: efi: $work/build.sh: is no EFI application for AArch64"
    printf 'MZ' >"$application"
    refused efi "$application"
    printf 'MZ%058d\x40\0\0\0PE\0\0\x64\x86' 0 >"$application" # of another machine
    refused efi "$application"
    expect "$said" "vp: efi: $application: is no EFI application for AArch64"
    printf 'MZ%058d\x40\0\0\0PE\0\0\x64\xaa' 0 >"$application"
    refused efi --colour "$application"
    expect "$said" 'vp: efi: unknown option "--colour"'
    refused efi --cpus 9 "$application"
    expect "$said" 'vp: efi: --cpus cannot be "9": 1 to 8'
    refused efi --max-time
    expect "$said" 'vp: efi: --max-time needs a value'
    refused efi --firmware "$work/none.fd" "$application"
    refused efi --dts "$work" "$application"
    for each in '' '50%' 'a"b' '^' $'a\nb' 'ü' 'a;b' '#' 'a>b'; do
        refused efi "$application" fine "$each"
    done
    expect "$said" "vp: efi: the shell cannot be given the argument \"a>b\""
}

wrong_debian_arguments_are_refused() {
    local each script=$work/script
    refused debian extra
    expect "$said" 'vp: debian: unknown argument "extra"'
    refused debian --cpus 9
    expect "$said" 'vp: debian: --cpus cannot be "9": 1 to 8'
    refused debian --max-time
    expect "$said" 'vp: debian: --max-time needs a value'
    refused debian --firmware bios
    refused debian --firmware /dev/null
    refused debian --release sid
    refused debian --release trixie-backports
    expect "$said" 'vp: debian: --release cannot be "trixie-backports": bookworm or trixie'
    for each in '' ',' 'a' 'hello,,sl' 'hello;sl' '-y' 'Hello' $'hello\nsl'; do
        refused debian --packages "$each"
    done
    refused debian --interactive --script "$work/build.sh"
    expect "$said" 'vp: debian: --script and --interactive exclude each other'
    refused debian --script "$work/none"
    expect "$said" "vp: debian: --script $work/none: there is no such file, or it cannot be read"
    refused debian --dts "$work"
    truncate -s 1T "$work/large"
    refused debian --script "$work/large"
    # shellcheck disable=SC2016 # nothing is to be expanded
    for each in 'a"b' 'a;b' '$a' '{' $'a\nb'; do
        refused debian --append "$each"
    done
    printf '# needs: nowhere\n' >"$script"
    refused debian --script "$script"
    expect "$said" "vp: debian: --script $script needs $work/nowhere, which is not there or cannot be read"
    printf '# packages: sl --yes\n' >"$script"
    refused debian --script "$script"
    expect "$said" "vp: debian: --script $script: \"sl --yes\" cannot be packages"
    printf '# append: a\n# append: b"c\n' >"$script"
    refused debian --script "$script"
}

# What is kept has to be an image of its own, or to be made.
wrong_images_are_refused() {
    refused debian --keep ''
    expect "$said" 'vp: debian: --keep needs a file'
    refused debian --keep "$work"
    expect "$said" "vp: debian: --keep $work: is no file that can be read and written"
    refused debian --keep "$work/none/disk.img"
    expect "$said" "vp: debian: --keep $work/none/disk.img: cannot be made there"
    mkdir "$work/link" && ln -s nowhere/disk.img "$work/link/disk.img"
    refused debian --keep "$work/link/disk.img"
    truncate -s 200M "$work/disk.img"
    refused debian --keep "$work/disk.img"
    expect "$said" "vp: debian: --keep $work/disk.img: is no image that ./vp debian has made"
    /sbin/mke2fs -q -F -E offset=$((129 << 20)) "$work/disk.img" 60M
    refused debian --keep "$work/disk.img"
    mkdir -p "$build/debian"
    truncate -s 200M "$build/debian/disk.img"
    /sbin/mke2fs -q -F -U 3f8a6c52-9d14-4b7e-8c05-e1a2b3d4f596 -E offset=$((129 << 20)) \
        "$build/debian/disk.img" 60M
    run "$root/vp" debian --keep "$build/debian/disk.img"
    expect "$status: $said" "2: vp: debian: --keep $build/debian/disk.img: is what a run deletes or writes"
    nothing_has_run
}

wrong_replay_arguments_are_refused() {
    refused replay
    expect "$said" 'vp: replay: a log is needed'
    refused replay "$work/none.csv"
    expect "$said" "vp: replay: $work/none.csv cannot be read"
    refused replay "$work"
    refused replay "$work/build.sh" extra
    expect "$said" 'vp: replay: unknown argument "extra"'
    refused replay --perset small "$work/build.sh"
    expect "$said" 'vp: replay: unknown argument "--perset"'
    refused replay "$work/build.sh" -p
    expect "$said" 'vp: replay: -p needs a value'
    refused replay "$work/build.sh" --perfetto ''
    expect "$said" 'vp: replay: --perfetto needs a file'
}

replay_ends_as_its_program_does() {
    cat >"$work/build.sh" <<BUILD
mkdir -p $build/component/replay
printf '#!/bin/sh\necho "replayed \$*"\nexit 1\n' >$build/component/replay/smmu-replay
chmod +x $build/component/replay/smmu-replay
BUILD
    cd "$work"
    run "$root/vp" replay build.sh --preset small -p sid_bits=4 --perfetto line.json
    expect "$status" 1
    expect "$(tail -n 1 <<<"$said")" \
        "replayed $work/build.sh --preset small -p sid_bits=4 --perfetto $work/line.json"
}

# Programs that say what WORDS are for the micro TLB, and for each of three mutants of it.
fake_rtl() { # WORDS WORDS-OF-MUTANT...
    cat >"$work/build.sh" <<BUILD
benches=$build/component/dpi/examples/micro_tlb
mkdir -p \$benches/mutants $build/platform
program() {
    printf '#!/bin/sh\necho "%s"\n' "\$2" >\$1
    chmod +x \$1
}
program $build/smmu-vp "machine \\\$*"
program \$benches/micro_tlb "$1 \\\$*"
for name in a b c; do : >\$benches/mutants/\$name.sv; done
program \$benches/a "$2"
program \$benches/b "$3"
program \$benches/c "$4"
BUILD
}

rtl_says_what_it_has_run() {
    fake_rtl PASS: 'MISMATCH: x' 'MISMATCH: y' 'MISMATCH: z'
    run "$root/vp" rtl --count 77 --seed 3
    expect "$status" 0
    grep -qx 'vp: building smmu-vp firmware virt_dtb micro_tlb_benches (preset default)' <<<"$said" ||
        fail "$said"
    grep -qx "machine --dtb $build/platform/virt-rtl.dtb --elf $build/sw/rtl.elf" <<<"$said" ||
        fail "$said"
    grep -qx 'PASS: +count=77 +seed=3' <<<"$said" || fail "$said"
    grep -qx 'b: MISMATCH: y' <<<"$said" || fail "$said"
    expect "$(tail -n 1 <<<"$said")" "vp: rtl: the DMA engine in RTL has passed its program; the micro TLB \
agrees with the C library, and the bugs of all 3 mutants are found"
}

rtl_fails_for_what_it_does_not_find() {
    fake_rtl PASS: 'MISMATCH: x' 'PASS: y' 'MISMATCH: z'
    run "$root/vp" rtl
    expect "$status" 1
    expect "$(tail -n 1 <<<"$said")" 'vp: rtl: the bug of b is not found in 120000 operations'
    fake_rtl MISMATCH: 'MISMATCH: x' 'MISMATCH: y' 'MISMATCH: z'
    run "$root/vp" rtl
    expect "$status" 1
    expect "$(tail -n 1 <<<"$said")" 'vp: rtl: the micro TLB and the C library differ'
    fake_rtl PASS: crashed crashed crashed
    run "$root/vp" rtl
    expect "$status" 1
    expect "$(tail -n 1 <<<"$said")" 'vp: rtl: the bug of a is not found in 120000 operations'
}

refusals_are_status_2_if_nobody_can_be_told() {
    local reader writer words
    mkfifo "$work/gone"
    exec {reader}<>"$work/gone"
    # shellcheck disable=SC2034 # below
    exec {writer}>"$work/gone"
    exec {reader}<&-
    for words in tset 'help me' 'test --colour' 'linux --cpus 9' 'firmware x' 'bench nonsense' \
        'bench ('; do
        set -f
        # shellcheck disable=SC2086 # several words
        {
            run eval '"$root/vp" $words 2>&-'
            expect "$status: $words" "2: $words"
            run eval '"$root/vp" $words 2>/dev/full'
            expect "$status: $words" "2: $words"
            run eval '"$root/vp" $words 2>&$writer'
            expect "$status: $words" "2: $words"
        }
        set +f
    done
}

values_are_shown_in_one_line() {
    refused linux --cpus $'2\n'
    expect "$said" 'vp: linux: --cpus cannot be "2\n": 1 to 8'
    refused linux --kernel $'a\nb\ec\x7f'
    expect "$said" "vp: linux: --kernel $PWD/a\\nb\\x1bc\\x7f: \
there is no such file, or it cannot be read"
    refused $'a\n\nb'
    refused build $'a\n'
    refused test $'-x\n'
    refused test -R $'(\n'
    refused test --timeout $'1\n'
    refused firmware $'boot\n'
    refused bench $'core\ncpu'
    refused bench $'(\n'
    refused rtl $'--count\n'
    refused rtl --seed $'1\n'
    refused linux $'--cpus\n' 2
    refused linux --script $'\u9b\n\u00e9'
    expect "$said" "vp: linux: --script $PWD/\\x9b\\n"$'\u00e9'": \
there is no such file, or it cannot be read"
}

# A run makes its directories and disk anew: what lies there is no input, under whatever name.
what_a_run_deletes_is_no_input() {
    local file kernel=$build/linux/boot-1/Image
    mkdir -p "$build/linux/boot-1"
    { head -c 56 /dev/zero && printf ARMd; } >"$kernel"
    cp "$kernel" "$build/linux/disk.img"
    echo '/dts-v1/; / { };' >"$build/linux/machine.dtb"
    ln -s "$build" "$work/elsewhere"
    ln "$build/linux/machine.dtb" "$work/machine.dts"
    for file in "--kernel $kernel" "--kernel $work/elsewhere/linux/boot-1/Image" \
        "--initrd $build/linux/../linux/boot-1/Image" "--kernel $build/linux/disk.img" \
        "--script $kernel" "--dts $work/machine.dts"; do
        # shellcheck disable=SC2086 # two words
        run "$root/vp" linux $file
        expect "$status: $said" "2: vp: linux: $file: is what a run deletes or writes"
        nothing_has_run
    done
    [[ -s $kernel && -s $build/linux/disk.img && -s $work/machine.dts ]] || fail "a file is gone"
}

wrong_files_are_refused() {
    local script=$work/needy.sh
    truncate -s 1T "$work/large"
    echo '# needs: nowhere' >"$script"
    refused linux --script "$script"
    refused linux --script "$work/large"
    refused linux --dts "$work/large"
    refused linux --kernel "$work/large"
    refused linux --initrd "$work"
    mkfifo "$work/fifo"
    refused linux --script "$work/fifo"
    refused linux --kernel "$work/fifo"
}

an_unwritable_tree_is_told() {
    local command
    mkdir "$build"
    echo "of another run" >"$build/old.log"
    mkdir "$build/build.log" # cannot be written, not even by root
    for command in build test firmware rtl bench lint linux clean; do
        run "$root/vp" "$command"
        expect "$status: $command" "2: $command"
        expect "$said" "vp: cannot write to $build: Is a directory"
        nothing_has_run
    done
}

the_build_says_how_far_it_is() {
    run "$root/vp" build
    expect "$status" 0
    expect "$(grep -c '^vp: built [0-9]* of 10$' <<<"$said")" 10
    expect "$(grep -c compiling "$build/build.log")" 10
    # shellcheck disable=SC2016 # for the stand-in
    echo 'i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); echo "[$i/1000] compiling"; done' \
        >"$work/build.sh"
    run "$root/vp" build
    expect "$(grep -c '^vp: built' <<<"$said")" 11 # a line for each tenth, and that all is built
}

a_terminal_has_one_line_for_the_build() {
    local lines
    lines=$(script -qec "$root/vp build" /dev/null </dev/null | tr -d '\r' | grep -c '')
    expect "$lines" 3
}

a_failed_build_shows_its_own_log() {
    mkdir "$build"
    echo "of another run" >"$build/build.log"
    echo 'echo "[1/2] compiling"; echo "error: no"; exit 1' >"$work/build.sh"
    run "$root/vp" build
    expect "$status" 1
    [[ $said == *'error: no'*"vp: the build failed; all of its output is in $build/build.log" ]] ||
        fail "\"$said\""
    [[ $said != *'of another run'* ]] || fail "an old log: \"$said\""
}

a_copied_tree_is_configured_anew() {
    local home
    for each in '' /asan; do
        mkdir -p "$build$each/CMakeFiles"
        for home in "$work/where-it-was" "$source_tree"; do # moved from there; a copy of that
            printf '%s\n' "CMAKE_HOME_DIRECTORY:INTERNAL=$home" \
                "CMAKE_CACHEFILE_DIR:INTERNAL=$build$each" >"$build$each/CMakeCache.txt"
            if [[ -z $each ]]; then run "$root/vp" build; else run "$root/vp" test --asan; fi
            expect "$status" 0
            expect "$(grep 'configured for' <<<"$said")" \
                "vp: $build$each was configured for $home: it is configured anew"
            [[ ! -e $build$each/CMakeCache.txt && ! -e $build$each/CMakeFiles ]] || fail "old notes"
        done
    done
    printf '%s\n' "CMAKE_HOME_DIRECTORY:INTERNAL=$root" \
        "CMAKE_CACHEFILE_DIR:INTERNAL=$work/build-that-was-moved" >"$build/CMakeCache.txt"
    run "$root/vp" build
    [[ $said == *'is configured anew'* ]] || fail "build/ was moved: \"$said\""
}

a_tree_that_stays_keeps_its_configuration() {
    mkdir -p "$build"
    ln -s "$root" "$work/another-name"
    printf '%s\n' "CMAKE_HOME_DIRECTORY:INTERNAL=$work/another-name" \
        "CMAKE_CACHEFILE_DIR:INTERNAL=$work/another-name/build" >"$build/CMakeCache.txt"
    run "$root/vp" build
    expect "$status" 0
    [[ $said != *anew* && -e $build/CMakeCache.txt ]] || fail "\"$said\""
}

two_at_once_take_turns() {
    mkfifo "$work/begun" "$work/go"
    echo "echo >$work/begun; cat $work/go; echo '[1/1] first'" >"$work/build.sh"
    "$root/vp" build >"$work/first" &
    read -r <"$work/begun"
    echo 'echo "[1/1] second"' >"$work/build.sh"
    "$root/vp" build >"$work/second" &
    while [[ ! -s $work/second ]]; do
        sleep 0.01
    done
    expect "$(<"$work/second")" "vp: waiting for another ./vp in $root"
    echo >"$work/go"
    wait
    expect "$(grep -c 'built everything' "$work/first" "$work/second" | cut -d : -f 2 | tr '\n' ' ')" \
        '1 1 '
    expect "$(cat "$build/build.log")" '[1/1] second'
}

# Holds the image as smmu-vp does.
hold() { # IMAGE
    mkdir -p "$(dirname "$1")"
    echo data >"$1"
    exec {held}<"$1"
    flock "$held"
}

a_disk_in_use_is_left_alone() {
    local held
    hold "$build/linux/disk.img"
    run "$root/vp" linux
    expect "$status" 2
    expect "$said" "vp: linux: $build/linux/disk.img is the disk of a smmu-vp that runs"
    nothing_has_run
    run "$root/vp" clean
    expect "$status" 2
    expect "$said" "vp: clean: $build/linux/disk.img is the disk of a smmu-vp that runs"
    expect "$(<"$build/linux/disk.img")" data
    exec {held}<&-
    run "$root/vp" clean
    expect "$status" 0
    [[ ! -e $build ]] || fail "$build is there"
}

spec_tables_take_one_argument() {
    run "$source_tree/docs/spec-tables" --check more
    expect "$status" 2
    run eval "'$source_tree/docs/spec-tables' --nonsense 2>&-"
    expect "$status" 2
    run "$source_tree/docs/spec-tables" --nonsense
    expect "$status" 2
    expect "$said" "usage: docs/spec-tables [--check]"
}

"$@"
