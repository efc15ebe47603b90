#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `vp sweep --slurm` on a cluster of one node that the test starts: its files are those of a local run,
# also where the command was killed, and its job ran on, or where it was ended, and its job with it.
# Usage: sweep_slurm.sh BUILD. Ends with status 3 without Slurm (Debian: slurm-wlm, munge).
set -euo pipefail
build=$1
# shellcheck source=tests/platform/measured.sh
. "$(dirname "${BASH_SOURCE[0]}")/measured.sh"
needs gnuplot parallel munged slurmctld slurmd sbatch
# shellcheck source=tests/platform/small_sweep.sh
. "$root/tests/platform/small_sweep.sh"

# --- the cluster ---------------------------------------------------------------------------------

cluster=$scratch/cluster
mkdir -p "$cluster"/{state,spool}
chmod 755 "$scratch" "$cluster" # the sockets' sake

# shellcheck disable=SC2317 # the trap calls it
end_cluster() {
    local each
    for each in slurmd slurmctld munged; do
        [[ ! -s $cluster/$each.pid ]] || kill "$(<"$cluster/$each.pid")" 2>/dev/null || true
    done
    sleep 0.2
    rm -rf "$scratch"
}

trap end_cluster EXIT

# Fewer tasks of an array than there are points.
cat >"$cluster/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthInfo=socket=$cluster/munge.sock
SlurmctldPort=$((20000 + $$ % 20000))
SlurmdPort=$((40000 + $$ % 20000))
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
MaxArraySize=4
MessageTimeout=5
NodeName=$(hostname) NodeAddr=127.0.0.1 CPUs=2
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
export SLURM_CONF=$cluster/slurm.conf
{
    dd if=/dev/urandom of="$cluster/key" bs=1024 count=1 status=none && chmod 400 "$cluster/key" &&
        munged --force --socket="$cluster/munge.sock" --key-file="$cluster/key" --pid-file="$cluster/munged.pid" \
            --log-file="$cluster/munged.log" --seed-file="$cluster/seed" && slurmctld && slurmd
} >"$scratch/daemons" 2>&1 || skip "Slurm does not start here: $(tail -n 1 "$scratch/daemons")"
for ((i = 0; i < 300; i++)); do
    [[ $(sinfo --noheader --format=%t 2>/dev/null) != idle ]] || break
    sleep 0.1
done
((i < 300)) || skip "Slurm has no node here: $(tail -n 1 "$cluster/slurmd.log")"

# --- tests ---------------------------------------------------------------------------------------

# shellcheck disable=SC2317 # sweeping_until calls it
has_points() { # DIR N
    (($(find "$1/runs" -mindepth 1 -maxdepth 1 -name '*[0-9]' 2>/dev/null | wc -l) >= $2))
}

on_cluster() { # DIR
    bash "$scratch/sweep" "$root" "$build" "$scratch/small.toml" "$1" slurm '' >"$scratch/log" 2>&1 ||
        wrong "it fails: $(cat "$scratch/log")"
}

sweep "$scratch/small.toml" "$scratch/through" >"$scratch/log" || wrong "it fails: $(cat "$scratch/log")"
on_cluster "$scratch/cluster-run"
same_sweep "$scratch/cluster-run" "a run on a cluster"
grep -q '8 of 8 points, 0 s left' "$scratch/log" || wrong "no progress"
[[ $(grep -c '^ended ' "$scratch/cluster-run/joblog") == 8 ]] || wrong "the job has not run the points"

# The command is killed, its job is not: the next one waits for it.
begin_sweep "$scratch/killed" slurm 1
sweeping_until has_points "$scratch/killed" 1
kill_sweep
job=$(squeue --noheader --format=%F | head -n 1)
[[ -n $job ]] || wrong "the job is over with its command"
scontrol hold "$job" >/dev/null 2>&1 || true # the tasks that have not begun: it complains of the one that has
on_cluster "$scratch/killed" &
session=$!
sweeping_until grep -qs 'waiting for the job vp-sweep-' "$scratch/log"
grep -qs 'waiting for the job vp-sweep-' "$scratch/log" || wrong "it does not wait for the job"
scontrol release "$job" >/dev/null 2>&1 || true
wait "$session" || exit 1
same_sweep "$scratch/killed" "killed and resumed"
[[ $(grep -c "^slurm " "$scratch/killed/joblog") == 1 ]] || wrong "there was a second job for what the first one has done"

# The command is ended, and its job with it; what is missing is run here.
begin_sweep "$scratch/ended" slurm 1
sweeping_until has_points "$scratch/ended" 1
kill "$session"
wait "$session" 2>/dev/null || true
for ((i = 0; i < 100; i++)); do
    [[ -n $(squeue --noheader) ]] || break
    sleep 0.1
done
((i < 100)) || wrong "the job outlives its command: $(squeue)"
[[ ! -d $scratch/ended/runs/8 ]] || wrong "it was not ended in the middle"
sweep "$scratch/small.toml" "$scratch/ended" >"$scratch/log" || wrong "it does not go on: $(cat "$scratch/log")"
grep -q 'of 8 points are there' "$scratch/log" || wrong "it begins anew"
same_sweep "$scratch/ended" "ended and resumed here"

# Without a cluster there is a reason.
sed 's/^SlurmctldPort=.*/SlurmctldPort=1/; s/^MessageTimeout=.*/MessageTimeout=1/' "$SLURM_CONF" >"$scratch/dead.conf"
status=0
output=$(SLURM_CONF=$scratch/dead.conf bash "$scratch/sweep" "$root" "$build" "$scratch/small.toml" \
    "$scratch/none" slurm '' 2>&1) || status=$?
[[ $status == 1 && $output == *'vp: sweep: sbatch: error: '* ]] ||
    wrong "without a controller: status $status: $output"

exit $((failures != 0))
