#!/usr/bin/env bash
# The audit against the same questions in DuckDB, in one run: writes the log, asks both in turn, compares every number,
# and prints a table for docs/measured.md.
#
#   bench/audit/run.sh DIR ROWS PEOPLE [ROUNDS]
#
# DIR must have room for 30 bytes a row and 700 bytes a person; what is written there is left there. DuckDB comes
# from PyPI into bench/audit/.venv, which git ignores.
set -euo pipefail
cd "$(dirname "$0")"
[ $# -ge 3 ] || { sed -n '5p' "$0" >&2; exit 2; }
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -c 'import duckdb' 2>/dev/null || .venv/bin/pip install --quiet duckdb==2.0.1
cargo build --release --locked --manifest-path ../../Cargo.toml -p audit --example sample-log
exec .venv/bin/python against_duckdb.py "$@"
