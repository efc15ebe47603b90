# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What every command of vp needs: messages, exit statuses, Debian packages, building. Sourced; the
# caller sets root, build, test_log and jobs.
# shellcheck disable=SC2154 # root, build, test_log and jobs

# Debian packages, by what needs them.
# shellcheck disable=SC2034 # used by the files that source this one
{
    asmjit_packages=() # translates guest code, for one kind of host
    [[ $(uname -m) != x86_64 ]] || asmjit_packages=(libasmjit-dev)
    readonly build_packages=(
        g++ gcc cmake ninja-build pkgconf
        libsystemc-dev libfdt-dev libslirp-dev libcli11-dev libtomlplusplus-dev device-tree-compiler
        gcc-aarch64-linux-gnu libgtest-dev libgmock-dev libbenchmark-dev verilator zlib1g-dev
        "${asmjit_packages[@]}"
    )
    readonly test_packages=(
        clang-format
        qemu-user-static # is asked what instructions do
        acpica-tools     # and what ACPI tables say
        openssh-client   # logs into a guest
        iperf3           # sends it data
        e2fsprogs        # makes disks
    )
    readonly format_packages=(clang-format)
    readonly lint_packages=(clang-tidy cppcheck shellcheck)
    readonly coverage_packages=(gcovr)
    readonly docs_packages=(doxygen)
    readonly bench_packages=(valgrind) # counts instructions
    readonly report_packages=(gnuplot-nox)
    readonly sweep_packages=(parallel)
    readonly slurm_packages=(slurm-client)
    readonly qemu_packages=(qemu-system-arm)
    readonly firmware_packages=(qemu-efi-aarch64 u-boot-qemu mtools fdisk) # images, and disks for them
    readonly kernel_packages=( # to build a kernel
        make flex bison bc xz-utils debian-archive-keyring
    )
    readonly linux_packages=( # to make an initramfs
        cpio kmod xz-utils debian-archive-keyring libc6-dev-arm64-cross
    )
    readonly debian_packages=( # to make an image of a whole system
        mmdebstrap fakechroot fakeroot apt-utils e2fsprogs u-boot-tools
    )
}

readonly build_log=$build/build.log
export LC_ALL=C.UTF-8 # numbers and the order of names are the same for everyone

# Prints TEXT, which may have come from the user, with its control characters made visible.
one_line() { # TEXT
    local i each
    if [[ $1 != *[[:cntrl:]]* ]]; then
        printf '%s' "$1"
        return
    fi
    for ((i = 0; i < ${#1}; i++)); do
        each=${1:i:1}
        case $each in
        $'\n') printf '\\n' ;;
        [[:cntrl:]]) printf '\\x%02x' "'$each" ;;
        *) printf '%s' "$each" ;;
        esac
    done
}

say() {
    printf 'vp: %s\n' "$(one_line "$*")"
}

# Says it on standard error, if there is one, and ends with STATUS: the reason is the same if nobody
# can be told.
end_with() { # STATUS MESSAGE...
    trap '' PIPE
    say "${@:2}" >&2 2>/dev/null || true
    exit "$1"
}

# The command could not do what it promises.
fail() {
    end_with 1 "$@"
}

# The command line, or the machine, cannot be worked with.
refuse() {
    end_with 2 "$@"
}

contains() { # WORD [WORD OF THE LIST...]
    local word=$1 each
    shift
    for each; do
        [[ $each != "$word" ]] || return 0
    done
    return 1
}

no_arguments() { # COMMAND [ARGUMENT...]
    (($# == 1)) || refuse "$1 takes no arguments, got \"$2\""
}

# --- one run at a time ---------------------------------------------------------------------------

# Waits until no other ./vp works on this tree, and until those that only run what is built there are
# through. The lock is on the directory, which needs no file; it goes when this process ends, and all
# that it started.
tree_lock() {
    local status=0
    exec {tree_lock}<"$root"
    flock --nonblock --conflict-exit-code 9 "$tree_lock" || status=$?
    if ((status == 9)); then
        say "waiting for another ./vp in $root"
        flock "$tree_lock"
    elif ((status != 0)); then
        refuse "cannot lock $root"
    fi
}

# What is built stays as it is: others may run it too, but not build.
tree_share() {
    flock --shared "$tree_lock"
}

# There is one disk in DIR, and one place for consoles: no two runs at once. The lock goes when this
# process ends, and all that it started.
only_run() { # COMMAND DIR
    local lock
    mkdir -p "$2"
    exec {lock}>"$2/run.lock"
    flock --nonblock "$lock" || refuse "$1: another run of ./vp $1 is not over yet"
}

# Refuses unless nobody has FILE, the image of a disk, if it is there; a machine that runs has it
# locked.
unused_image() { # COMMAND FILE
    [[ ! -e $2 ]] || flock --nonblock "$2" true ||
        refuse "$1: $2 is the disk of a smmu-vp that runs"
}

# Deletes FILE, if nobody has it.
delete_image() { # COMMAND FILE
    unused_image "$@"
    [[ ! -e $2 ]] || flock --nonblock "$2" rm -f "$2" || fail "$1: $2 cannot be deleted"
}

# --- packages ------------------------------------------------------------------------------------

installed() { # PACKAGE
    [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]
}

as_root() { # COMMAND [ARGUMENT...]
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

need() { # PACKAGE...
    local package missing=()
    begin
    command -v dpkg-query >/dev/null ||
        refuse "needs Debian: there is no dpkg-query to look for packages with"
    for package; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || command -v sudo >/dev/null ||
        refuse "neither root nor sudo: as root, run apt-get install ${missing[*]}"
    say "installing ${missing[*]}"
    as_root apt-get update -qq || fail "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get install failed"
}

# The same for a command that builds nothing: unless it has to install, it waits for no other ./vp.
need_installed() { # PACKAGE...
    local package
    for package; do
        installed "$package" || {
            need "$@"
            return
        }
    done
}

# --- building ------------------------------------------------------------------------------------

# Refuses a build/ that nothing can be written to: its logs would be those of another run.
writable_build() {
    local reason
    reason=$( { mkdir -p "$build" && : >>"$build_log" && : >>"$test_log"; } 2>&1) ||
        refuse "cannot write to $build: ${reason##*: }"
}

# Each command begins with it, once its arguments are known to be good.
begin() {
    writable_build
    [[ -n ${tree_lock:-} ]] || tree_lock
}

# What CMake noted in DIRECTORY before the tree was copied or moved is about the place where it was, and
# CMake refuses to go on with it. Without these notes it begins anew; objects are made again, because their
# commands name the place.
forget_other_place() { # DIRECTORY
    local cache=$1/CMakeCache.txt home place
    [[ -f $cache ]] || return 0
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$cache")
    place=$(sed -n 's/^CMAKE_CACHEFILE_DIR:INTERNAL=//p' "$cache")
    [[ ! $home -ef $root || ! $place -ef $1 ]] || return 0
    say "$1 was configured for $home: it is configured anew"
    rm -rf "$cache" "$1/CMakeFiles"
}

configure_and_build() { # PRESET [TARGET...]
    cmake --preset "$1" &&
        NINJA_STATUS='[%f/%t] ' \
            cmake --build --preset "$1" --parallel "$jobs" ${2:+--target "${@:2}"}
}

# Shows how far something is that prints "[N/TOTAL]" as ninja does, which it reads: on a terminal in a line
# that changes, otherwise in a line for each tenth.
progress() { # WHAT IS DONE
    local line end='' tenth shown=0
    while IFS= read -r line; do
        [[ $line =~ ^\[([0-9]+)/([1-9][0-9]*)\] ]] || continue
        tenth=$((10 * BASH_REMATCH[1] / BASH_REMATCH[2]))
        if [[ -t 1 ]]; then
            printf '\rvp: %s %s of %s\033[K' "$1" "${BASH_REMATCH[@]:1}"
            end=$'\n'
        elif ((tenth > shown)); then
            say "$1 ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
            shown=$tenth
        fi
    done
    printf '%s' "$end"
}

build_preset() { # PRESET [TARGET...]
    local targets=${*:2}
    local directory=$build
    [[ $1 == default ]] || directory=$build/$1
    forget_other_place "$directory"
    say "building ${targets:-everything} (preset $1)"
    configure_and_build "$@" 2>&1 | tee "$build_log" | progress built || {
        tail -n 100 "$build_log" >&2
        fail "the build failed; all of its output is in $build_log"
    }
}

# --- machines ------------------------------------------------------------------------------------

# Sets `dtb`: the machine NAME of platform/dts, or that of the device-tree source DTS, compiled into DIR.
# shellcheck disable=SC2034 # it is that of the caller
machine_blob() { # COMMAND DIR DTS NAME
    local complaints
    dtb=$build/platform/$4.dtb
    [[ -n $3 ]] || return 0
    dtb=$2/machine.dtb
    mkdir -p "$2"
    complaints=$(dtc -q -I dts -O dtb -o "$dtb" "$3" 2>&1) ||
        refuse "$1: --dts $3: dtc says $(head -n 1 <<<"$complaints")"
}
