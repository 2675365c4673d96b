#!/usr/bin/env bash
# Builds the programs that offloop is compared with into bench/native/build/. What can't be built is named, with what to
# install, and left out.
set -uo pipefail
cd "$(dirname "$0")"
mkdir -p build
compiler=${CXX:-g++}
if ! command -v "$compiler" >/dev/null; then
  echo "$compiler is not installed: no programs to compare with (Debian: apt install g++)" >&2
  exit 0
fi

# build <program> <Debian package> <its header> <libraries...>
build() {
  local program=$1 package=$2 header=$3
  shift 3
  if [[ build/$program -nt $program.cc && build/$program -nt peer.h ]]; then return; fi
  if [[ -n $header ]] && ! echo "#include <$header>" | "$compiler" -x c++ -E - >/dev/null 2>&1; then
    echo "$program is left out: it needs $package (Debian: apt install $package)" >&2
    return
  fi
  "$compiler" -O3 -std=c++20 -Wall -Wextra -pthread "$program.cc" -o "build/$program" "$@" ||
    echo "$program is left out: it does not compile" >&2
}

build limits '' ''
build openblas libopenblas-dev cblas.h -lopenblas
build vqsort libhwy-dev hwy/contrib/sort/vqsort.h -lhwy_contrib -lhwy
