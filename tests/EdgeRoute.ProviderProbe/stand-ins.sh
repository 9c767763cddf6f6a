#!/usr/bin/env bash
# Builds stand-ins for the NVIDIA libraries that the real CUDA and TensorRT provider libraries are linked with, so that those can be loaded, and
# check their options, on a machine without a GPU. Each stand-in exports exactly the symbols the provider libraries miss, with their versions:
# functions named ...String or ...Name return a text, all others a "no device" error; cudaGetDeviceCount reports one device, so that device_id 0
# is accepted; getPluginRegistry and getLogger-like functions return an object whose virtual functions return 0, because the callers do not
# check for null.
#
#   stand-ins.sh FOLDER_OF_PROVIDER_LIBRARIES OUTPUT_FOLDER
#
# Load the results by full path before the provider library: the loader then finds them by their SONAME. Needs gcc, nm and python3.
set -euo pipefail

providers="$1"
output="$2"
for tool in gcc nm python3; do
  command -v "$tool" >/dev/null || { echo "stand-ins: $tool is not installed; next step: apt-get install -y gcc binutils python3" >&2; exit 1; }
done
mkdir -p "$output"

nm -D --undefined-only "$providers"/libonnxruntime_providers_{tensorrt,cuda}.so | awk '$1 == "U" { print $2 }' | sort -u |
  python3 -c '
import re, sys

output = sys.argv[1]
# library: how its symbols are named where they carry no version, and what its failing functions return
LIBRARIES = {
    "libcublas.so.13": (None, 1),
    "libcublasLt.so.13": (None, 1),
    "libcudart.so.13": (None, 100),
    "libcudnn.so.9": (None, 1),
    "libcufft.so.12": (r"cufft", 1),
    "libcurand.so.10": (r"curand", 1),
    "libcuda.so.1": (r"cu[A-Z]", 100),
    "libnvinfer.so.10": (r"create(Infer|Safe)|getPluginRegistry|getInferLib|getBuilderPlugin|getLogger|initLibNvInfer", 0),
    "libnvonnxparser.so.10": (r"createNvOnnx", 0),
}
symbols = {library: [] for library in LIBRARIES}
for line in sys.stdin:
    name, _, version = line.strip().partition("@")
    for library, (pattern, _) in LIBRARIES.items():
        if version == library or (not version and pattern and re.match(pattern, name)):
            symbols[library].append((name, version))

def body(name, failure):
    if re.search(r"(String|Name)$", name):
        return "const char* %s(void) { return \"stand-in: no device\"; }" % name
    if name == "cudaGetDeviceCount":
        return "long %s(int* count) { *count = 1; return 0; }" % name
    if name in ("getPluginRegistry", "getLogger"):
        return "void* %s(void) { return &object; }" % name
    return "long %s(void) { return %d; }" % (name, failure)

for library, (_, failure) in LIBRARIES.items():
    with open(f"{output}/{library}.c", "w") as source:
        print("static long zero(void) { return 0; }", file=source)
        print("static long (*virtuals[64])(void) = { [0 ... 63] = zero };", file=source)
        print("static struct { void* virtuals; } object = { virtuals };", file=source)
        for name, _ in symbols[library]:
            print(body(name, failure), file=source)
    with open(f"{output}/{library}.map", "w") as versions:
        if any(version for _, version in symbols[library]):
            print(library + " { global: *; };", file=versions)
' "$output"

for source in "$output"/*.c; do
  library="$(basename "$source" .c)"
  map=()
  [[ -s "$output/$library.map" ]] && map=("-Wl,--version-script=$output/$library.map")
  gcc -shared -fPIC -O1 -w -fno-builtin -Wl,-soname,"$library" "${map[@]}" -o "$output/$library" "$source"
  rm "$source" "$output/$library.map"
done
