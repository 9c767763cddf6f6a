#!/usr/bin/env bash
# A board on this machine's desk: runs arm64 programs with this kernel, an emulated processor and the libraries of an arm64 Debian or Ubuntu in a folder.
#   board.sh make PACKAGE...      fetches the packages, with what they need, into out/arm64/root; once for each choice of packages
#   board.sh check                ends with 0 if programs can be run, else says why not
#   board.sh run PROGRAM [ARG...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
board=$(cd "$here/../../.." && pwd)/out/arm64
emulator=qemu-aarch64-static

fail() { printf '%s\n' "$*" >&2; exit 1; }

# The official sources of this machine; those of others need not carry arm64. Ubuntu keeps arm64 on other mirrors, which mmdebstrap knows.
sources() {
  [ "$ID" = debian ] || return 0
  find /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list -size +0 2>/dev/null || true
}

make_root() {
  local root=$board/root made=$board/packages library
  if [ -d "$root" ] && [ "$(cat "$made" 2>/dev/null)" = "$*" ]; then return; fi
  rm -rf "$root" "$made"
  mkdir -p "$board"
  . /etc/os-release
  local -a sources
  mapfile -t sources < <(sources)
  # The packages are unpacked and not set up, so no arm64 program runs; but the links that setting up makes are missing.
  mmdebstrap --architectures=arm64 --variant=extract --include="$(IFS=,; echo "$*")" "$VERSION_CODENAME" "$root" "${sources[@]}" >"$board/make.log" 2>&1 \
    || { rm -rf "$root"; tail -5 "$board/make.log" >&2; fail "mmdebstrap could not make an arm64 system; the whole log is $board/make.log"; }
  for library in blas/libblas.so.3 lapack/liblapack.so.3; do
    [ ! -e "$root/usr/lib/aarch64-linux-gnu/$library" ] || ln -sf "$library" "$root/usr/lib/aarch64-linux-gnu/"
  done
  echo "$*" >"$made"
}

# A mount namespace of its own, which an ordinary user gets within a user namespace; prints the options of unshare.
namespace() {
  local options
  for options in -m -rm; do
    if unshare $options true 2>/dev/null; then echo $options; return; fi
  done
  return 1
}

check() {
  [ "$(uname -m)" = x86_64 ] || fail "this machine is no x64 one: on an arm64 machine the ordinary tests try the arm64 program"
  command -v $emulator >/dev/null || fail "$emulator is missing: apt-get install qemu-user-static"
  [ -d "$board/root" ] || fail "there is no arm64 system in $board/root; ./build.sh test makes it, and says why where it cannot"
  namespace >/dev/null || fail "this machine makes no mount namespaces ('unshare -m' and 'unshare -rm' are refused), so /proc/cpuinfo cannot be an arm64 one"
}

# ONNX Runtime for arm64 crashes on the /proc/cpuinfo of an x64 machine. GStreamer cannot start its scanner of plug-ins, which is an arm64 program too.
# The processor is a Cortex-A76; with all that the emulator knows (-cpu max) it is ten times slower.
run() {
  export GST_REGISTRY_FORK=no GST_REGISTRY=$board/gstreamer-registry.bin
  exec unshare "$(namespace)" sh -c 'mount --bind "$0" /proc/cpuinfo && exec "$@"' "$here/cpuinfo" $emulator -cpu cortex-a76 -L "$board/root" "$@"
}

verb=${1:-}
[ $# -gt 0 ] && shift
case $verb in
  make) make_root "$@" ;;
  check) check ;;
  run) run "$@" ;;
  *) sed -n '2,5s/^# \?//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
