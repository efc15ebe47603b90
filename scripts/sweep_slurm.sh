# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp sweep --slurm`: the points that are missing as one array job of a cluster that Slurm manages. Nodes see
# this tree and the directory of the sweep under the same paths. Sourced; needs common.sh.
# shellcheck disable=SC2154 # work, missing: what is missing in the sweep of this directory

# The name of jobs of the sweep in this directory: who goes on with a sweep whose command was killed
# knows its job by it.
sweep_slurm_name() {
    echo "vp-sweep-$(pwd -P | sha256sum | cut -c 1-16)"
}

# Whether a job of this sweep is queued or runs.
sweep_slurm_busy() {
    [[ -n $(squeue --noheader --name="$(sweep_slurm_name)" 2>/dev/null) ]]
}

# What a command has left behind that was killed: its job runs on without it.
sweep_slurm_wait() {
    grep -qs '^slurm ' joblog || return 0
    command -v squeue >/dev/null ||
        refuse "sweep: $PWD has been run with --slurm, and there is no squeue to ask whether it still is"
    ! sweep_slurm_busy || say "waiting for the job $(sweep_slurm_name) of this sweep"
    while sweep_slurm_busy; do
        sleep 1
    done
}

sweep_slurm_cancel() {
    scancel --quiet --name="$(sweep_slurm_name)" 2>/dev/null || true
}

# The script of the job; a task that is run once more by Slurm does what it has not done.
sweep_slurm_script() { # SMMU-VP
    echo '#!/usr/bin/env bash'
    echo "export LC_ALL=$LC_ALL SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1"
    declare -f sweep_point
    printf 'missing=(%s)\n' "${missing[*]}"
    printf 'smmu_vp=%q\n' "$1"
    cat <<'SH'
for ((i = SLURM_ARRAY_TASK_ID; i < ${#missing[@]}; i += SLURM_ARRAY_TASK_COUNT)); do
    [[ -d runs/${missing[i]} ]] || sweep_point "${missing[i]}" "$smmu_vp" || true
done
SH
}

# Says "ended NAME" of each point that is missing as it comes, until the process has ended.
sweep_slurm_watch() { # PROCESS
    local name over='' left
    local -a waited=("${missing[@]}")
    while [[ -z $over ]]; do
        kill -0 "$1" 2>/dev/null || over=yes
        left=()
        for name in "${waited[@]}"; do
            if [[ -d runs/$name || -d runs/$name.failed ]]; then
                echo "ended $name"
            else
                left+=("$name")
            fi
        done
        waited=("${left[@]}")
        [[ -n $over ]] || sleep 0.5
    done
}

# Runs what is missing; says which points have ended. A cluster limits the number of tasks of an array, so
# that one may be for several points. Writes into $work/refused why there is no job.
sweep_slurm() { # JOBS SMMU-VP
    local tasks=${#missing[@]} most job
    most=$(scontrol show config 2>/dev/null | awk '$1 == "MaxArraySize" { print $3 }')
    ((tasks <= ${most:-$tasks})) || tasks=$most
    (cd runs && rm -rf "${missing[@]/%/.failed}")
    echo "slurm $(sweep_slurm_name)" >>joblog
    sweep_slurm_script "$2" >"$work/job"
    sbatch --wait --quiet --job-name="$(sweep_slurm_name)" --chdir="$PWD" --array="0-$((tasks - 1))${1:+%$1}" \
        --output=joblog --open-mode=append "$work/job" >/dev/null 2>"$work/sbatch.log" &
    job=$!
    sweep_slurm_watch "$job"
    wait "$job" || grep '^sbatch: error' "$work/sbatch.log" | tail -n 1 >"$work/refused" || true
}
