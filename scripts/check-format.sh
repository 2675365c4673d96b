#!/usr/bin/env bash
# C++ is formatted by clang-format, where that is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-format >/dev/null; then
  echo 'clang-format is not installed; C++ formatting is not checked' >&2
  exit 0
fi
git ls-files 'native/**/*.cc' 'native/**/*.h' 'test/native/*.cc' | xargs clang-format --dry-run --Werror
