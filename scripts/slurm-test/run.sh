#!/usr/bin/env bash
# Runs a small plan on a real Slurm of two nodes and two partitions on this machine, with faults, and compares it with a local run.
#
#   apt-get install -y --no-install-recommends slurm-wlm munge       (Debian; once)
#   npm run build && scripts/slurm-test/run.sh [kills]               (as root)
#
# kills: how often a parent is killed with SIGKILL at random moments (default 20).
set -uo pipefail
kills=${1:-20}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for program in slurmctld slurmd munged sbatch; do
  command -v $program >/dev/null || { echo "skipped: $program is not here; apt-get install slurm-wlm munge"; exit 4; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: the daemons of Slurm need root"; exit 4; }
folder=$(mktemp -d /tmp/slurm-test.XXXXXX)
export SLURM_CONF=$folder/slurm.conf
mkdir -p "$folder"/{state,spool.n1,spool.n2}
sed "s|@FOLDER@|$folder|g; s|@HOST@|$(hostname -s)|g" "$here/slurm.conf" >"$SLURM_CONF"
began=$SECONDS
say() { echo "[$((SECONDS - began)) s] $*"; }

# the daemons of this test, and no others
munge -n >/dev/null 2>&1 || { mkdir -p /run/munge && chown munge /run/munge && runuser -u munge -- munged; sleep 1; }
end() {
  [ -n "${parent:-}" ] && kill -KILL "$parent" 2>/dev/null
  kill $(jobs -p) 2>/dev/null
  scancel --me 2>/dev/null
  sleep 8
  for pid in "$folder"/*.pid; do [ -f "$pid" ] && kill "$(cat "$pid")"; done
}
trap end EXIT
slurmctld && slurmd -N n1 && slurmd -N n2 || exit 4
for _ in $(seq 60); do [ "$(sinfo -h -p low -t idle -o %D)" = 2 ] && break; sleep 1; done
say "$(slurmctld -V): $(sinfo -h -p low -o '%D nodes %T'), partitions low and high, MaxArraySize 6, MaxJobCount 7; sacct: $(sacct 2>&1 | head -1)"

bench=$root/bin/lightnet-bench.js
plan=(recall decode --engine wasm --seeds 2 --train-steps 80 --contender-budget 50ms)
slurm=(--executor slurm --slurm-partition low --slurm-poll 1s --slurm-task 5s)

say "the plan here"
node "$bench" run "${plan[@]}" --quiet --out "$folder/local" >"$folder/local.log" 2>&1; say "it ended with $?"
before=$(date +%s%N)
node "$bench" run "${plan[@]}" --dry-run >/dev/null
start_ms=$((($(date +%s%N) - before) / 1000000))

# A parent in the background: begins the run $run, or goes on with it.
start() {
  if [ -f "$run/manifest.json" ]; then node "$bench" run --resume "$run" >>"$run.log" 2>&1 &
  else node "$bench" run "${plan[@]}" "${slurm[@]}" --out "$run" >>"$run.log" 2>&1 & fi
  parent=$!
}
setting() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n "s/^$2=//p"; } 2>/dev/null
# Whether process $1 has told its end already.
has_ended() {
  local words
  mapfile -d '' -t words <"/proc/$1/cmdline"
  [ -e "$run/slurm/ends/${words[-2]}-${words[-1]}.json" ]
} 2>/dev/null
hears_warnings() { (((0x$(sed -n 's/^SigCgt:\s*//p' "/proc/$1/status" 2>/dev/null || echo 0) & 0x800) != 0)); } # SIGUSR2
# Waits for a task of the run that works and met no fault yet, on node $1 or any; sets task (its id in Slurm) and pid (of its process).
find_task() {
  for _ in $(seq 200); do
    for pid in $(pgrep -f "slurm/node.js $run "); do
      task=$(setting "$pid" SLURM_ARRAY_JOB_ID)_$(setting "$pid" SLURM_ARRAY_TASK_ID)
      [[ "$(setting "$pid" SLURMD_NODENAME)" == ${1:-n}* && " $met " != *" $pid "* ]] || continue
      hears_warnings "$pid" && ! has_ended "$pid" && met="$met $pid" && return 0
    done
    kill -0 "$parent" 2>/dev/null || return 1
    sleep 0.2
  done
  return 1
}
met=""
# Says in the background how Slurm calls the end of task $1 (FAILED, TIMEOUT, PREEMPTED, NODE_FAIL).
tell_end() {
  local state=
  for _ in $(seq 600); do
    state=$(squeue -h -j "$1" --states=all -o %T 2>/dev/null | head -1)
    case "$state" in PENDING | RUNNING | COMPLETING | "") sleep 0.5 ;; *) break ;; esac
  done
  say "Slurm calls the end of task $1: ${state:-unknown}"
}
# Holds process $1 and its child until Slurm kills them: it wakes them before, and they would end by themselves. In real time where that may be had.
hold() {
  local first=
  chrt -f 1 true 2>/dev/null && first="chrt -f 1"
  $first bash -c 'while kill -STOP "$@" 2>/dev/null; do sleep 0.002; done' hold "$1" $(pgrep -P "$1")
}

say "on Slurm, with faults"
run=$folder/run-1
rival=$(sbatch --parsable --hold -p high --exclusive -w n1 -o /dev/null --wrap 'sleep 2') # now, as the queue will be full
start
until grep -qs 'n1' "$run"/slurm/ends/* && grep -qs 'n2' "$run"/slurm/ends/*; do kill -0 $parent 2>/dev/null || break; sleep 0.2; done
say "both nodes have done a task"
find_task && { hold "$pid" & } && scontrol update JobId="$task" TimeLimit=1 && say "hangs, and has a limit of one minute: task $task" && { tell_end "$task" & }
find_task && kill -KILL "$pid" && say "killed: the process of task $task" && { tell_end "$task" & }
find_task && kill -USR2 "$pid" && say "warned that its limit comes: task $task"
kill -KILL "$parent" && wait "$parent" 2>/dev/null; say "killed: the parent; it is started again"
start
find_task n1 && scontrol release "$rival" && say "preempted: task $task and all of n1, by a job of partition high" && { tell_end "$task" & }
wait "$parent"; say "the parent ended with $?"
node "$here/compare.mjs" "$folder/local" "$run"; code=$?

say "on Slurm, run 2: a slurmd is killed"
run=$folder/run-2
start
if find_task n2; then
  kill -KILL "$(cat "$folder/slurmd.n2.pid")" && say "killed: slurmd of n2, and its tasks, $task among them" && { tell_end "$task" & }
  for pid in $(pgrep -f "slurm/node.js $run "); do
    [ "$(setting "$pid" SLURMD_NODENAME)" = n2 ] && kill -KILL "$(ps -o ppid= "$pid" | tr -d ' ')" "$pid"
  done
  sleep 25
  slurmd -N n2 && say "started again: slurmd of n2, which was $(sinfo -h -n n2 -p low -o %T)"
fi
wait "$parent"; say "the parent ended with $?"
node "$here/compare.mjs" "$folder/local" "$run" || code=1

killed=0
number=2
while [ "$killed" -lt "$kills" ]; do
  number=$((number + 1))
  run=$folder/run-$number
  say "on Slurm, run $number: parents are killed at random moments"
  start
  while [ "$killed" -lt "$kills" ]; do
    pause=$((RANDOM * start_ms * 4 / 32768 + 200))
    sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
    kill -KILL "$parent" 2>/dev/null || break
    wait "$parent" 2>/dev/null
    killed=$((killed + 1))
    say "killed: the parent ($killed of $kills) after $pause ms; $(cat "$run/records.jsonl" 2>/dev/null | wc -l) lines kept"
    start
  done
  wait "$parent"; say "the last parent of run $number ended with $?"
  node "$here/compare.mjs" "$folder/local" "$run" || code=1
done
say "ended: $([ $code = 0 ] && echo passed || echo failed)"
[ $code = 0 ] || echo "see $folder"
exit $code
