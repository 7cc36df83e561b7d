#!/bin/sh
# Make .venv with everything locked in requirements/, and the project itself, ready to run.
# Usage: set_up.sh run|dev. Needs Python 3.11 or newer; no root.
set -eu
cd "$(dirname "$0")/.."
what="$1"
python="${PYTHON:-python3}"

say() { printf '%s\n' "$*" >&2; }
refuse() { say "taktas: $*"; exit 1; }

find_python() {
    for candidate in "$python" python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            python="$candidate"
            return
        fi
    done
    refuse "needs Python 3.11 or newer. On Debian or Ubuntu: apt-get install python3 python3-venv"
}

make_environment() {
    [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null && return
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    rm -rf .venv
    if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip .venv; then
        "$python" -m pip --python .venv/bin/python install --quiet pip && return
        rm -rf .venv
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing python3-venv …"
        apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null &&
            "$python" -m venv .venv && return
    fi
    refuse "cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"
}

install() {
    pip="-m pip --disable-pip-version-check --quiet"
    # shellcheck disable=SC2086
    .venv/bin/python $pip install --require-hashes --no-deps --no-compile -r "requirements/$what.txt"
    # shellcheck disable=SC2086
    .venv/bin/python $pip install --no-deps --no-build-isolation --no-compile -e .
}

find_python
say "Setting up taktas in .venv (once; a minute or two) …"
make_environment
install
touch .venv/run-ready
[ "$what" = run ] || touch .venv/dev-ready
say "Ready."
