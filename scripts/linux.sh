# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp linux`: boots a Debian kernel on the platform, runs a script in it, and believes what the
# guest says about it. Sourced; needs common.sh, debian.sh and initramfs.sh.
# shellcheck disable=SC2154 # root, build, caller

readonly linux_dir=$build/linux
readonly linux_seconds=60 # of guest time; a boot with the check script takes about three
readonly linux_command_line="console=ttyAMA0 earlycon panic=-1"

readonly linux_valued=(
    --append --cpus --dts --gdb --initrd --kernel --max-time --mem --release --script --trace
)

# What the value of an option looks like; those of the others are free.
declare -rA linux_patterns=(
    [--cpus]='^[1-8]$'
    [--gdb]='^[1-9][0-9]{0,4}$'
    [--max-time]='^[0-9]+(\.[0-9]+)?$'
    [--mem]='^[1-9][0-9]{0,6}[KMG]$'
    [--release]='^(bookworm|trixie)$'
    [--trace]='^(insn|exc|smmu)(,(insn|exc|smmu))*$'
)
readonly linux_files=(--dts --initrd --kernel --script)

# --- arguments -----------------------------------------------------------------------------------

linux_check_value() { # OPTION VALUE
    local pattern=${linux_patterns[$1]:-}
    [[ -z $pattern || $2 =~ $pattern ]] || refuse "linux: $1 cannot be \"$2\""
    contains "$1" "${linux_files[@]}" || return 0
    [[ -f $2 && -r $2 ]] || refuse "linux: $1 $2: there is no such file, or it cannot be read"
}

# Fills the array `option`, by name; --interactive is there or not.
linux_parse() { # [ARGUMENT...]
    local value
    while (($#)); do
        if contains "$1" "${linux_valued[@]}"; then
            (($# > 1)) || refuse "linux: $1 needs a value"
            value=$2
            if contains "$1" "${linux_files[@]}" && [[ $value != /* ]]; then
                value=$caller/$value
            fi
            linux_check_value "$1" "$value"
            option[$1]=$value
            shift
        elif [[ $1 == --interactive ]]; then
            option[$1]=yes
        else
            refuse "linux: unknown argument \"$1\""
        fi
        shift
    done
    [[ -z ${option[--script]:-} || -z ${option[--interactive]:-} ]] ||
        refuse "linux: --script and --interactive exclude each other"
    [[ -z ${option[--script]:-} || -z ${option[--initrd]:-} ]] ||
        refuse "linux: --script goes into the initramfs that --initrd replaces"
}

kibibytes() { # SIZE
    local -A unit=([K]=1 [M]=1024 [G]=1048576)
    echo $((${1%[KMG]} * ${unit[${1: -1}]}))
}

# --- what a run needs ----------------------------------------------------------------------------

# Sets `kernel` and `initrd`, from the packages of RELEASE as far as they are not given.
linux_software() { # RELEASE SCRIPT [KERNEL] [INITRD]
    local initramfs
    kernel=${3:-$linux_dir/$1/vmlinuz}
    initrd=${4:-}
    [[ -z ${3:-} || -z $initrd ]] || return 0
    debian_prepare "$1"
    [[ -z $initrd ]] || return 0
    initramfs_make "$linux_dir/$1/busybox" "$linux_dir/$1/modules" "$2"
    initrd=$initramfs
}

# Sets `dtb`: the default machine, or that of a device-tree source.
linux_machine() { # [DTS]
    local complaints
    mkdir -p "$linux_dir"
    dtb=$build/platform/virt.dtb
    [[ -n ${1:-} ]] || return 0
    dtb=$linux_dir/machine.dtb
    complaints=$(dtc -q -I dts -O dtb -o "$dtb" "$1" 2>&1) ||
        refuse "linux: --dts $1: dtc says $(head -n 1 <<<"$complaints")"
}

# Sets `append`. What was asked for stands there too: the check script compares it with what there
# is.
linux_append() {
    append=$linux_command_line
    append+=${option[--cpus]:+ vp.cpus=${option[--cpus]}}
    append+=${option[--mem]:+ vp.mem=$(kibibytes "${option[--mem]}")}
    append+=${option[--interactive]:+ vp.shell}
    append+=${option[--append]:+ ${option[--append]}}
}

# Sets `arguments` for smmu-vp.
linux_arguments() {
    local dtb kernel initrd append name limit=$linux_seconds
    linux_machine "${option[--dts]:-}"
    linux_software "${option[--release]:-bookworm}" \
        "${option[--script]:-$root/sw/linux/check.sh}" \
        "${option[--kernel]:-}" "${option[--initrd]:-}"
    linux_append
    arguments=(--dtb "$dtb" --kernel "$kernel" --initrd "$initrd" --append "$append")
    for name in --cpus --mem --gdb --trace; do
        [[ -z ${option[$name]:-} ]] || arguments+=("$name" "${option[$name]}")
    done
    [[ -z ${option[--trace]:-} ]] || arguments+=(--trace-file "$linux_dir/trace.log")
    [[ -z ${option[--interactive]:-}${option[--gdb]:-} ]] || limit=
    limit=${option[--max-time]:-$limit}
    [[ -z $limit ]] || arguments+=(--max-time "$limit")
}

# --- running and judging -------------------------------------------------------------------------

# Runs PROGRAM, prints the console and keeps it in DIR/console.log; the counters that follow go to
# DIR/stats.txt only. Sets `program_status`.
linux_run() { # DIR PROGRAM [ARGUMENT...]
    local dir=$1
    shift
    mkdir -p "$dir"
    : >"$dir/stats.txt"
    program_status=0
    "$@" </dev/null |
        sed -u -e 's/\r$//' -e "/^run\.guest-seconds /,\$ { w $dir/stats.txt" -e 'd' -e '}' |
        tee "$dir/console.log" || program_status=${PIPESTATUS[0]}
}

# The same with the terminal for console. Raw mode is ended even if PROGRAM could not do it.
linux_run_interactive() { # DIR PROGRAM [ARGUMENT...]
    local dir=$1 terminal
    shift
    mkdir -p "$dir"
    program_status=0
    if [[ -t 0 ]]; then
        terminal=$(stty -g)
        # shellcheck disable=SC2064 # as it is now
        trap "stty '$terminal'" EXIT
        say "Ctrl-A x quits"
    fi
    "$@" --interactive | tee "$dir/console.log" || program_status=${PIPESTATUS[0]}
}

# Whether the guest said that all is well, and smmu-vp found nothing wrong either. If not, prints
# why.
linux_verdict() { # DIR PROGRAM-STATUS
    local said
    said=$(sed -nE 's/^vp-linux: guest status ([0-9]+)$/\1/p' "$1/console.log" | tail -n 1)
    if [[ -z $said ]]; then
        echo "the guest did not live to tell how its script ended (smmu-vp: status $2)"
    elif ((said != 0)); then
        echo "the script in the guest ended with status $said"
    elif (($2 != 0)); then
        echo "the guest was content, but smmu-vp ended with status $2"
    else
        return 0
    fi
    return 1
}

# What a run took and what its SMMUs did, from the counters of smmu-vp.
linux_summary() { # STATS
    awk '
        { value[$1] = $2 }
        sub(/\.translations$/, "", $1) { smmus[++count] = $1 }
        END {
            printf "guest time %.3f s, host time %.3f s, %s instructions, %.1f MIPS\n",
                value["run.guest-seconds"], value["run.host-seconds"],
                value["run.instructions"], value["run.mips"]
            names = split("translations utlb-hits utlb-misses tlb-hits tlb-misses config-hits " \
                "walk-hits ttd-fetches commands events", name, " ")
            for (i = 1; i <= count; i++) {
                line = smmus[i] ":"
                for (n = 1; n <= names; n++)
                    line = line (n > 1 ? "," : "") " " name[n] " " value[smmus[i] "." name[n]]
                print line
            }
        }' "$1"
}

cmd_linux() {
    local -A option=()
    local arguments program_status reason line
    linux_parse "$@"
    need "${build_packages[@]}" "${linux_packages[@]}"
    linux_arguments
    build_preset default smmu-vp virt_dtb
    say "booting"
    if [[ -n ${option[--interactive]:-} ]]; then
        linux_run_interactive "$linux_dir" "$build/smmu-vp" "${arguments[@]}"
        exit "$program_status"
    fi
    linux_run "$linux_dir" "$build/smmu-vp" "${arguments[@]}" --stats
    ((program_status != 2)) || exit 2 # smmu-vp refused what it was given, and has said why
    reason=$(linux_verdict "$linux_dir" "$program_status") || {
        tail -n 20 "$linux_dir/console.log" >&2
        fail "linux: $reason; the whole console is in $linux_dir/console.log"
    }
    while read -r line; do
        say "$line"
    done < <(linux_summary "$linux_dir/stats.txt")
    say "linux: passed; the console is in build/linux/console.log, all counters in stats.txt there"
}
