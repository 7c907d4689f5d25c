#!/bin/sh
# Everything that must hold before a change is merged, cheapest first. Ends with `N passed, N failed`.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
if [ "${CI:-}" = true ]; then
  export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never
fi
# Only cargo knows where its target folder is; a configuration file may have moved it.
target=$("$cargo" metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
mkdir -p "$target"
# What is tested is linked as what is given away: see release.sh, also for why the target is named.
CARGO_BUILD_TARGET=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="-C target-feature=+crt-static"
export CARGO_BUILD_TARGET RUSTFLAGS

step() {
  printf '\n== %s\n' "$1"
}

step "what the tests need"
sh scripts/install-test-deps.sh

step "shell and Python scripts parse"
for script in .ci/run scripts/*.sh tests/peers/*.sh; do
  sh -n "$script"
done
python3 - scripts/*.py tests/peers/*.py <<'EOF'
import ast, sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        ast.parse(file.read(), path)
EOF

step "format"
"$cargo" fmt --all --check

step "dependencies"
sh scripts/dependencies.sh
python3 scripts/licences.py

step "lints"
"$cargo" clippy --locked --workspace --all-targets -- -D warnings

step "documentation"
RUSTDOCFLAGS="-D warnings" "$cargo" doc --locked --workspace --no-deps

step "tests"
log=$target/test.log
status_file=$target/test.status
# A POSIX pipe hides the status of its first command, so it is written to a file.
{
  status=0
  "$cargo" test --locked --workspace --no-fail-fast -- --include-ignored 2>&1 || status=$?
  echo "$status" >"$status_file"
} | tee "$log"
status=$(cat "$status_file")

step "result"
grep '^test result:' "$log" || true
grep '^test .* FAILED$' "$log" || true
awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' "$log"
exit "$status"
