#!/bin/sh
# In a container of AlmaLinux 8 or Alpine, as root: installs a compiler and Node, and builds the binary of this platform into
# prebuilds/.
set -eu
cd "$(dirname "$0")/.."

if [ -f /etc/alpine-release ]; then
  apk add --no-cache nodejs npm g++ make python3
else
  dnf module enable --assumeyes nodejs:20
  dnf install --assumeyes nodejs npm make python3.11 gcc-toolset-13-gcc-c++ gcc-toolset-13-libstdc++-devel
  # Of the toolset; it puts itself first on PATH. Its scripts read variables that are not set.
  set +u
  . /opt/rh/gcc-toolset-13/enable
  set -u
  export PYTHON=python3.11
fi

npm ci --ignore-scripts
npm run prebuild
