#!/bin/sh
# Lock the requirements, with hashes, for every supported Python and platform; names no index.
set -eu
cd "$(dirname "$0")/.."
UV="${UV:-uv}"
lock() {
    "$UV" pip compile "$@" --universal --python-version 3.11 --generate-hashes --no-header --quiet
}
lock pyproject.toml --group build --output-file requirements/run.txt
lock pyproject.toml --group dev --output-file requirements/dev.txt
