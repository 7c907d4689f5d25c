#!/usr/bin/env python3
"""Checks that every crate in the dependency tree may be shipped in an MIT binary.

Reads `cargo metadata` and evaluates each crate's SPDX expression: one side of an OR is enough, both sides of an AND
are needed, a slash is the old spelling of OR.
"""

import json
import os
import re
import subprocess
import sys

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}


def tokens(expression):
    """Splits an expression into brackets, operators and licence names; `A WITH B` stays one name."""
    spaced = re.sub(r"([()])", r" \1 ", expression.replace("/", " OR "))
    words = re.sub(r"\s+WITH\s+", "\0WITH\0", spaced).split()
    return [word.replace("\0", " ") for word in words]


def is_allowed(expression):
    """Whether the licence expression can be met with allowed licences alone. AND binds tighter than OR."""
    rest = tokens(expression)

    def any_of():
        verdict = all_of()
        while rest and rest[0] == "OR":
            rest.pop(0)
            verdict = all_of() or verdict
        return verdict

    def all_of():
        verdict = one()
        while rest and rest[0] == "AND":
            rest.pop(0)
            verdict = one() and verdict
        return verdict

    def one():
        word = rest.pop(0)
        if word != "(":
            return word in ALLOWED
        verdict = any_of()
        rest.pop(0)
        return verdict

    return any_of() and not rest


def packages():
    """Every crate of the tree on this platform, with what its manifest says."""
    cargo = os.environ.get("CARGO", "cargo")
    version = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    host = re.search(r"^host: (.+)$", version, re.MULTILINE).group(1)
    command = [cargo, "metadata", "--format-version", "1", "--locked", "--filter-platform", host]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    members = set(metadata["workspace_members"])
    return [package for package in metadata["packages"] if package["id"] not in members]


def main():
    crates = packages()
    refused = [
        f"{crate['name']} {crate['version']}: {crate['license'] or 'no licence given'}"
        for crate in crates
        if not crate["license"] or not is_allowed(crate["license"])
    ]
    if refused:
        sys.exit("These crates have a licence that is not in the list of scripts/licences.py:\n  " + "\n  ".join(refused))
    print(f"{len(crates)} crates, all under allowed licences")


if __name__ == "__main__":
    main()
