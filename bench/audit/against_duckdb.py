"""Asks `countersign audit` and DuckDB the same, in turn, and compares every number; see run.sh.

usage: python against_duckdb.py DIR ROWS PEOPLE [ROUNDS]

Ends with 0 when all numbers are equal, 1 when not.
"""
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "../../target"))
SAMPLE = TARGET / "release/examples/sample-log"
THREADS = "2"


def said(command):
    return json.loads(subprocess.run([str(it) for it in command], check=True, capture_output=True, text=True).stdout)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    load = os.getloadavg()[0]
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return f"{now}, {os.cpu_count()} × {model}, Linux {os.uname().release}; load {load:.2f}"


def table(findings):
    return {tuple(line[:4]): line[4:] for line in findings}


def differences(ours, theirs):
    ours, theirs = table(ours), table(theirs)
    lines = sorted(set(ours) | set(theirs))
    return len(lines), [(line, ours.get(line), theirs.get(line)) for line in lines if ours.get(line) != theirs.get(line)]


def main():
    where, rows, people = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    # One file: DuckDB numbers rows within a file.
    if not (where / "log-000.parquet").exists():
        subprocess.run([SAMPLE, where, "parquet", str(rows), str(people), "1"], check=True)
    ways = {
        "countersign audit": [SAMPLE, "run", where, THREADS],
        "DuckDB": [sys.executable, HERE / "duckdb_questions.py", where, THREADS],
    }
    runs = {way: [] for way in ways}
    print(machine(), flush=True)
    for _ in range(rounds):
        for way, command in ways.items():
            runs[way].append(said(command))
            one = {key: value for key, value in runs[way][-1].items() if key != "findings"}
            print(json.dumps(one), file=sys.stderr, flush=True)
    lines, different = differences(runs["countersign audit"][0]["findings"], runs["DuckDB"][0]["findings"])
    for line, ours, theirs in different:
        print("different:", line, "audit", ours, "DuckDB", theirs)
    print(f"\n{rows:,} accesses by {people:,} people: {lines} findings, {len(different)} different "
          "(accesses, people, first and last moment of each).\n")
    print("| program | lists s | judging s | rows/s (judging) | rows/s (all) | CPU s | peak MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for way in ways:
        of = {key: statistics.median(run[key] for run in runs[way])
              for key in ["lists_s", "judging_s", "cpu_s", "peak_kb", "rows"]}
        wall = of["lists_s"] + of["judging_s"]
        print(f"| {runs[way][0]['program']} | {of['lists_s']:.1f} | {of['judging_s']:.1f} | "
              f"{of['rows'] / of['judging_s']:,.0f} | {of['rows'] / wall:,.0f} | {of['cpu_s']:.1f} | "
              f"{of['peak_kb'] / 1024:,.0f} |")
    print(f"\nAfterwards: load {os.getloadavg()[0]:.2f}. Median of {rounds}.")
    sys.exit(1 if different else 0)


main()
