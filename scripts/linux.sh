# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp linux`: boots a Debian kernel on the platform as often as a script wants, runs the script in it,
# and believes what the guest says about it. Sourced; needs common.sh, debian.sh and initramfs.sh.
# shellcheck disable=SC2154 # root, build, caller

readonly linux_dir=$build/linux
readonly linux_disk=$linux_dir/disk.img # of the machines that have one in platform/dts
readonly linux_seconds=60               # of guest time for a boot; the longest takes about ten
readonly linux_command_line="console=ttyAMA0 earlycon panic=-1"

readonly linux_valued=(
    --append --cpus --dts --firmware --flavour --gdb --initrd --kernel --max-time --mem --net
    --release --script --trace
)

# What the value of an option looks like; those of the others are free.
declare -rA linux_patterns=(
    [--cpus]='^[1-8]$'
    [--flavour]='^(16k|cloud|rt)$'
    [--gdb]='^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$'
    [--max-time]='^([1-9][0-9]{0,5}(\.[0-9]{1,9})?|0\.[0-9]{0,8}[1-9])$'
    [--mem]='^([1-9][0-9]{0,6}[KM]|[1-9][0-9]{0,4}G)$'
    [--net]='^user(,hostfwd=(tcp|udp):[0-9.]*:[0-9]{1,5}-[0-9.]*:[0-9]{1,5})*$'
    [--release]='^(bookworm|trixie|trixie-backports)$'
    [--trace]='^(insn|exc|smmu)(,(insn|exc|smmu))*$'
)
# The same in words, for who has given another.
declare -rA linux_meanings=(
    [--cpus]='1 to 8'
    [--flavour]='16k, cloud or rt'
    [--gdb]='a port, 1 to 65535'
    [--max-time]='seconds, 0.000000001 to 999999.999999999'
    [--mem]='a number and K, M or G, such as 512M'
    [--net]='user[,hostfwd=PROTOCOL:[ADDRESS]:PORT-[ADDRESS]:PORT]...'
    [--release]='bookworm, trixie or trixie-backports'
    [--trace]='a list of insn, exc and smmu'
)
readonly linux_files=(--dts --firmware --initrd --kernel --script)
readonly linux_text_limit=1048576 # bytes of --dts and --script
readonly linux_package_name='^[a-z0-9][a-z0-9+.-]+(/(bookworm|trixie)(-backports)?)?$' # or PACKAGE/RELEASE

# --- arguments -----------------------------------------------------------------------------------

# Refuses FILE if it is one of those that a run deletes or writes, under whatever name.
linux_not_own() { # OPTION FILE
    [[ $(readlink -m "$2") != "$(readlink -m "$linux_dir")"/boot-*/* &&
        ! $2 -ef $linux_disk && ! $2 -ef $linux_dir/machine.dtb ]] ||
        refuse "linux: $1 $2: is what a run deletes or writes"
}

linux_check_value() { # OPTION VALUE
    local pattern=${linux_patterns[$1]:-}
    [[ -z $pattern || $2 =~ $pattern ]] || refuse "linux: $1 cannot be \"$2\": ${linux_meanings[$1]}"
    contains "$1" "${linux_files[@]}" || return 0
    [[ -f $2 && -r $2 ]] || refuse "linux: $1 $2: there is no such file, or it cannot be read"
    linux_not_own "$1" "$2"
    contains "$1" --firmware --initrd --kernel || (($(stat -L -c %s "$2") <= linux_text_limit)) ||
        refuse "linux: $1 $2: is larger than $linux_text_limit bytes"
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
    [[ ${option[--release]:-bookworm} != bookworm || ${option[--flavour]:-} != 16k ]] ||
        refuse "linux: Debian bookworm has no kernel of flavour 16k"
}

kibibytes() { # SIZE
    local -A unit=([K]=1 [M]=1024 [G]=1048576)
    echo $((${1%[KMG]} * ${unit[${1: -1}]}))
}

# --- what a run needs ----------------------------------------------------------------------------

# Sets `script`, which runs in the guest, and `boots`: for each boot that it asks for the words on the
# kernel's command line.
linux_script() {
    script=${option[--script]:-$root/sw/linux/all.sh}
    [[ -n ${option[--script]:-} || -z ${option[--kernel]:-} ]] ||
        script=$root/sw/linux/check.sh # the modules that there are fit Debian's kernel only
    boots=('')
    [[ -z ${option[--gdb]:-}${option[--initrd]:-}${option[--interactive]:-} ]] || return 0
    mapfile -t boots < <(script_header boot "$script")
    ((${#boots[@]})) || boots=('')
}

# Whether SCRIPT or a file that it needs is for the kernel of `vp kernel`.
linux_wants_kernel() { # SCRIPT
    local needed name
    initramfs_needed "$1"
    name=$(script_header kernel "$1" "${needed[@]}" | sort -u)
    [[ -n $name ]] || return 1
    [[ $name == sva ]] || refuse "linux: --script $1: there is no kernel \"$name\""
}

# Sets `packages` to what SCRIPT and the files that it needs ask for.
linux_packages_of() { # SCRIPT
    local needed name
    initramfs_needed "$1"
    read -d '' -ra packages < <(script_header packages "$1" "${needed[@]}") || true
    for name in "${packages[@]}"; do
        [[ $name =~ $linux_package_name ]] ||
            refuse "linux: --script $1: \"$name\" cannot be a package"
    done
}

# Looks at the files given as far as that needs nothing else, before anything is installed or built.
linux_check_files() {
    local script packages
    linux_script
    [[ -n ${option[--initrd]:-} ]] || {
        linux_packages_of "$script"
        ! linux_wants_kernel "$script" ||
            [[ -z ${option[--release]:-}${option[--flavour]:-}${option[--kernel]:-} ]] ||
            refuse "linux: --script $script is for the kernel of ./vp kernel, and no other"
    }
    [[ -z ${option[--kernel]:-} ]] ||
        [[ $(head -c 60 "${option[--kernel]}" | tail -c 4 | tr -d '\0') == ARMd ]] ||
        refuse "linux: --kernel ${option[--kernel]}: is no raw arm64 Image; is it compressed?"
}

# Sets `kernel` and `initrd`, from the SET of packages as far as they are not given.
linux_software() { # SET SCRIPT [KERNEL] [INITRD]
    local initramfs packages name set trees=("$linux_dir/$1/modules")
    # shellcheck disable=SC2034 # for the initramfs
    local kernel_root kernel_headers=
    kernel=${3:-$linux_dir/$1/vmlinuz}
    initrd=${4:-}
    [[ -z ${3:-} || -z $initrd ]] || return 0
    if [[ -n $initrd ]]; then
        debian_prepare "$1"
        return 0
    fi
    linux_packages_of "$2"
    if linux_wants_kernel "$2"; then
        kernel_find
        trees=("$kernel_root")
    fi
    debian_prepare "$1"
    for name in "${packages[@]}"; do
        set=$(debian_base "$1")+$name
        [[ $name != */* ]] || set=${name#*/}+${name%/*}
        debian_prepare "$set"
        trees+=("$linux_dir/$set/root")
    done
    initramfs_make "$root/sw/linux/init" "$linux_dir/$1/busybox" "$2" "${trees[@]}"
    initrd=$initramfs
}

# Prints the kernel's command line for boot NUMBER. What was asked for stands there too: scripts
# compare it with what there is.
linux_append() { # NUMBER
    local append=$linux_command_line
    append+=${option[--cpus]:+ vp.cpus=${option[--cpus]}}
    append+=${option[--mem]:+ vp.mem=$(kibibytes "${option[--mem]}")}
    append+=${option[--interactive]:+ vp.shell}
    ((${#boots[@]} == 1)) || append+=" vp.boot=$1"
    append+=${boots[$1 - 1]:+ ${boots[$1 - 1]}}
    append+=${option[--append]:+ ${option[--append]}}
    echo "$append"
}

# Sets `boots`, and for smmu-vp the `arguments` that are the same in each. DIR is for files.
linux_arguments() { # DIR
    local script dtb kernel initrd name limit=$linux_seconds set=${option[--release]:-bookworm}
    linux_script
    machine_blob linux "$1" "${option[--dts]:-}" virt-linux
    set+=${option[--flavour]:+@${option[--flavour]}}
    linux_software "$set" "$script" "${option[--kernel]:-}" "${option[--initrd]:-}"
    arguments=(--dtb "$dtb" --kernel "$kernel" --initrd "$initrd")
    for name in --firmware --cpus --mem --net --gdb --trace; do
        [[ -z ${option[$name]:-} ]] || arguments+=("$name" "${option[$name]}")
    done
    [[ -z ${option[--interactive]:-}${option[--gdb]:-} ]] || limit=
    limit=${option[--max-time]:-$limit}
    [[ -z $limit ]] || arguments+=(--max-time "$limit")
}

# Sets `boot_arguments`, for boot NUMBER; its files go to DIR.
linux_boot_arguments() { # NUMBER DIR
    boot_arguments=("${arguments[@]}" --append "$(linux_append "$1")")
    [[ -z ${option[--trace]:-} ]] || boot_arguments+=(--trace-file "$2/trace.log")
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

# Boots as often as `boots` says, and wants to hear from each boot that all is well. The files of boot
# N go to DIR/boot-N.
linux_boots() { # DIR PROGRAM
    local number dir boot_arguments program_status reason line
    for ((number = 1; number <= ${#boots[@]}; number++)); do
        dir=$1/boot-$number
        mkdir -p "$dir"
        linux_boot_arguments "$number" "$dir"
        say "booting, $number of ${#boots[@]}${boots[number - 1]:+, with ${boots[number - 1]}}"
        linux_run "$dir" "$2" "${boot_arguments[@]}" --stats
        ((program_status != 2)) || exit 2 # smmu-vp refused what it was given, and has said why
        reason=$(linux_verdict "$dir" "$program_status") || {
            tail -n 20 "$dir/console.log" >&2
            fail "linux: boot $number: $reason; the whole console is in $dir/console.log"
        }
        while read -r line; do
            say "$line"
        done < <(linux_summary "$dir/stats.txt")
    done
}

linux_interactive() { # DIR PROGRAM
    local boot_arguments program_status dir=$1/boot-1
    mkdir -p "$dir"
    linux_boot_arguments 1 "$dir"
    say "booting"
    linux_run_interactive "$dir" "$2" "${boot_arguments[@]}"
    exit "$program_status"
}

cmd_linux() {
    local -A option=()
    local arguments boots
    local new_disk=yes
    linux_parse "$@"
    linux_check_files
    [[ -z ${option[--interactive]:-}${option[--initrd]:-} ]] || new_disk=
    writable_build
    only_run linux "$linux_dir"
    [[ -z $new_disk ]] || unused_image linux "$linux_disk"
    need "${build_packages[@]}" "${linux_packages[@]}"
    linux_arguments "$linux_dir"
    build_preset default smmu-vp virt_dtb
    tree_share
    rm -rf "$linux_dir"/boot-*
    [[ -z ${option[--interactive]:-} ]] || linux_interactive "$linux_dir" "$build/smmu-vp"
    [[ -z $new_disk ]] || delete_image linux "$linux_disk" # the machine makes a new one
    linux_boots "$linux_dir" "$build/smmu-vp"
    say "linux: passed; consoles and all counters are in build/linux/boot-*"
}
