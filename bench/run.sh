#!/bin/sh
# Builds the server, the references and the measuring program, then measures. Further arguments go to `bench run`.
set -eu
cd "$(dirname "$0")/.."
"${CARGO:-cargo}" build --locked --release --package librechat-auth --package bench
built=${CARGO_TARGET_DIR:-target}/release
"$built/bench" run --docs docs/performance.md "$@"
"$built/door"
