#!/bin/sh
# A mutant made on purpose: it asks nobody when the partner claims to be a service provider ("an extension of
# ourselves"). The tests of the rule must kill it. Works on a copy; run from the root of the repository.
set -eu
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar -x -C "$copy"
patch -s -p1 -d "$copy" < crates/decide/mutants/claimed-role.patch
export COUNTERSIGN_QUICK=1 RUST_BACKTRACE=0
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
cd "$copy"
cargo build --quiet --package decide # a mutant that does not compile would prove nothing
if cargo test --package decide --test rule > tests.log 2>&1; then
    echo "the mutant that honours the claimed role LIVES"
    exit 1
fi
grep '^test .* \.\.\. FAILED' tests.log || { cat tests.log; echo "no test ran"; exit 1; }
grep '^test result' tests.log
echo "killed: the tests above noticed that the claimed role was honoured"
