#!/bin/sh
# What must be there before `cargo xtask` can compile: a linker, the toolchain, Node. Then compiles it in
# sight, since the alias itself is quiet.
set -eu
cd "$(dirname "$0")/.."

install() {
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        sudo=
    elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
        sudo='sudo -n'
    else
        echo "error: $1 is missing, and this account may not install it: install the package(s) $2" >&2
        exit 1
    fi
    echo "==> installing $2" >&2
    $sudo apt-get update -q
    # Two words may be two packages.
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $2
}

command -v cc >/dev/null || install 'a C compiler' 'gcc libc6-dev'
command -v npm >/dev/null || install 'Node.js with npm' 'nodejs npm'
# Debian 12 has 18.
node=$(node --version 2>/dev/null || echo v0)
major=${node#v}
if [ "${major%%.*}" -lt 20 ]; then
    echo "error: Node.js $node is too old: 20 or later is needed. Install it from https://nodejs.org/en/download" \
        "or https://github.com/nodesource/distributions, and call this again" >&2
    exit 1
fi

if ! command -v cargo >/dev/null; then
    echo "error: cargo is missing: install Rust from https://rustup.rs, then open a new shell" >&2
    exit 1
fi
# Where rustup doesn't install by itself what rust-toolchain.toml names, cargo fails until it is asked to.
if ! cargo --version >/dev/null 2>&1; then
    toolchain=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
    echo "==> installing Rust $toolchain" >&2
    rustup toolchain install "$toolchain" --profile minimal \
        --component clippy --component rustfmt --target wasm32-unknown-unknown
fi
cargo build --package xtask
