#!/bin/sh
# Builds the server as it is given away, the references and the measuring program, then measures. Further arguments go to
# `bench run`. With SERVER=FILE in the environment that server is measured and none is built.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
"$cargo" build --locked --release --package bench
target=$("$cargo" metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
if [ -z "${SERVER:-}" ]; then
  sh scripts/release.sh
  SERVER=$target/dist/librechat-auth
fi
"$target/release/bench" run --server "$SERVER" --docs docs/performance.md "$@"
"$target/release/door"
