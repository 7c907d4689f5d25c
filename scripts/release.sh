#!/bin/sh
# Builds the binary that is given away: optimised as a whole, linked statically, without symbols.
# It goes to target/dist/librechat-auth and runs on any Linux of this architecture, whatever its C library.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
# The target is named although it is the host's: otherwise the flag would reach build scripts, which cannot be static.
flags="-C target-feature=+crt-static"
case $host in
x86_64-*)
  # This linker is LLVM's, which folds equal functions into one and writes addresses in a short form.
  flags="$flags -C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs"
  ;;
esac
# What follows the last dashes is for the last step alone, see profile.dist in Cargo.toml.
RUSTFLAGS=$flags "$cargo" rustc --locked --profile dist --target "$host" --bin librechat-auth -- -C opt-level=3
target=$("$cargo" metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
mkdir -p "$target/dist"
cp "$target/$host/dist/librechat-auth" "$target/dist/librechat-auth"
ls -l "$target/dist/librechat-auth"
