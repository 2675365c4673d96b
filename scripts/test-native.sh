#!/usr/bin/env bash
# The C++ tests, without Node: plain, under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."
for preset in ${*:-test asan tsan}; do
  cmake --preset "$preset" >/dev/null
  cmake --build "build-$preset" -j "$(nproc)" | grep -E 'warning|error|FAILED' || true
  "./build-$preset/offloop-test"
done
