# lib.sh - what demo and test share: Debian packages, and builds below build/.
set -eu
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 CK_DEFAULT_TIMEOUT=240
jobs=$(nproc)

say() { printf '\n== %s\n' "$*"; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need PACKAGE... - installs those of the Debian packages that are missing, as root or by sudo.
need() {
    missing=
    for package; do
        installed "$package" || missing="$missing $package"
    done
    if [ -z "$missing" ]; then
        say "Debian packages: all there"
        return
    fi
    say "Debian packages to install:$missing"
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "please install them, or sudo, as root" >&2; exit 2; }
        root="sudo DEBIAN_FRONTEND=noninteractive"
    fi
    $root apt-get -q update </dev/null
    quiet_services
    status=0
    # shellcheck disable=SC2086  # words are meant to split
    $root apt-get -q -y --no-install-recommends install $missing </dev/null || status=$?
    loud_services
    return $status
}

# Debian starts a server that it installs. Those here are for tests, which start them when they need them: so
# Debian's own switch says no while they are installed, unless it is in use already.
policy=/usr/sbin/policy-rc.d
quiet_services() {
    [ ! -e "$policy" ] || return 0
    trap loud_services EXIT
    trap 'exit 2' HUP INT TERM
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
}
loud_services() {
    [ -z "${ours:-}" ] || $root rm -f "$ours"
    ours=
}

# npm_packages - installs tests/viewers/package.json in build/npm, and node where it is missing.
npm_packages() {
    command -v npm >/dev/null || need nodejs npm
    mkdir -p build/npm
    cmp -s tests/viewers/package.json build/npm/package.json && [ -d build/npm/node_modules ] && return
    say "npm packages: build/npm"
    cp tests/viewers/package.json build/npm/
    (cd build/npm && npm install --no-audit --no-fund --no-package-lock --ignore-scripts </dev/null)
}

# build FOLDER OPTION... - configures and builds; tells the compiler's words only when it fails.
build() {
    folder=$1
    shift
    mkdir -p "$folder"
    if ! { cmake -S . -B "$folder" "$@" && cmake --build "$folder" -j "$jobs" -- -k; } >"$folder/log" 2>&1; then
        tail -n 60 "$folder/log"
        return 1
    fi
}

build_packages="gcc libc6-dev cmake make pkg-config protobuf-c-compiler libprotobuf-c-dev libzstd-dev zlib1g-dev
    libdeflate-dev libxxhash-dev libarchive-dev nettle-dev libpcre2-dev golang-go"
