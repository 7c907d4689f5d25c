#!/bin/sh
# Refuses crates that would cost the one-file promise: bindings to system libraries, a second TLS stack, HTTP/2 with open
# advisories. A new dependency that brings one in is shown with the way it came.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
refused="openssl-sys native-tls ring h2 bindgen"

tree=$("$cargo" tree --locked --workspace --edges normal,build,dev --prefix none --format '{p}')
found=
for name in $refused; do
  if printf '%s\n' "$tree" | grep -q "^$name v"; then
    found="$found $name"
    "$cargo" tree --locked --workspace --edges normal,build,dev --invert "$name" >&2
  fi
done
if [ -n "$found" ]; then
  echo "These crates must not be in the tree:$found" >&2
  exit 1
fi
echo "none of: $refused"
