#!/usr/bin/env bash
# Puts libonnxruntime where the build, the tests and the published binary look for it:
#   runtime/natives/lib/linux-x64/libonnxruntime.so.1
#   runtime/natives/lib/linux-arm64/libonnxruntime.so.1
# With --providers also the real CUDA and TensorRT provider libraries for the provider tests (large):
#   tests/natives/lib/linux-x64/{libonnxruntime.so.1,libonnxruntime_providers_*.so}
# Safe to run again: when the lock file and the installed files are unchanged it returns at once.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
core_package="onnxruntime-node"
provider_package="com.github.asus4.onnxruntime.linux-x64-gpu"

say() { printf 'natives: %s\n' "$*"; }
fail() { printf 'natives: %s\nnatives: next step: %s\n' "$1" "$2" >&2; exit 1; }

lock_hash() { sha256sum "$1/package-lock.json" | cut -d' ' -f1; }

# is_fresh FOLDER PACKAGE FILE...: the stamp equals the hash of the lock file, and the package (tests use it) and every file are there.
is_fresh() {
  local folder="$1" package="$2"; shift 2
  [[ -f "$folder/node_modules/$package/package.json" ]] || return 1
  [[ -f "$folder/lib/.stamp" && "$(cat "$folder/lib/.stamp")" == "$(lock_hash "$folder")" ]] || return 1
  local file; for file in "$@"; do [[ -f "$folder/lib/$file" ]] || return 1; done
}

# npm_install FOLDER PACKAGE: exactly what the lock file names, checked by its hashes; no package script runs.
npm_install() {
  command -v npm >/dev/null || fail "npm is not installed" "apt-get install -y npm, then run this again"
  say "installing $2 (npm ci, pinned, with integrity hashes) ..."
  local log; log="$(mktemp)"
  if ! (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$log" 2>&1); then
    cat "$log" >&2
    rm -f "$log"
    fail "npm could not install $2" "check that the npm registry is reachable (npm ping), then run this again"
  fi
  rm -f "$log"
}

# place SOURCE TARGET: a hard link where the file system allows it (the libraries are large), else a copy.
place() {
  [[ -f "$1" ]] || fail "the package does not contain $1" "check the version pinned in package.json beside this script"
  mkdir -p "$(dirname "$2")"
  ln -f "$1" "$2" 2>/dev/null || cp -f "$1" "$2"
}

install_core() {
  if is_fresh "$here" "$core_package" linux-x64/libonnxruntime.so.1 linux-arm64/libonnxruntime.so.1; then
    say "libonnxruntime is up to date"
    return
  fi
  npm_install "$here" "$core_package"
  local arch binaries
  binaries="$(echo "$here/node_modules/$core_package"/bin/napi-v*/linux)"
  for arch in x64 arm64; do
    place "$binaries/$arch/libonnxruntime.so.1" "$here/lib/linux-$arch/libonnxruntime.so.1"
  done
  lock_hash "$here" >"$here/lib/.stamp"
  say "libonnxruntime.so.1 for linux-x64 and linux-arm64 is in runtime/natives/lib"
}

install_providers() {
  local tests="$root/tests/natives" library target
  local -a libraries=(libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so libonnxruntime_providers_tensorrt.so)
  target="$tests/lib/linux-x64"
  # The core looks for provider libraries beside itself, so a core stands in the same folder.
  if is_fresh "$tests" "$provider_package" "${libraries[@]/#/linux-x64/}" && cmp -s "$target/libonnxruntime.so.1" "$here/lib/linux-x64/libonnxruntime.so.1"; then
    say "the provider libraries of the tests are up to date"
    return
  fi
  npm_install "$tests" "$provider_package"
  for library in "${libraries[@]}"; do
    place "$(find "$tests/node_modules/$provider_package" -name "$library" -print -quit)" "$target/$library"
  done
  place "$here/lib/linux-x64/libonnxruntime.so.1" "$target/libonnxruntime.so.1"
  lock_hash "$tests" >"$tests/lib/.stamp"
  say "the CUDA and TensorRT provider libraries of the tests are in tests/natives/lib/linux-x64"
}

case "${1:-}" in
  "") install_core ;;
  --providers) install_core; install_providers ;;
  *) fail "unknown argument '$1'" "run $0 or $0 --providers" ;;
esac
