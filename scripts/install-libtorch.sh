#!/usr/bin/env bash
# Installs libtorch 2.13.0, the version tch 0.26 is written against, from the
# Python package index into .libtorch/. Does nothing when it is already there.
#
#   scripts/install-libtorch.sh          the CPU part (540 MB down, 490 MB kept)
#   CUDA=1 scripts/install-libtorch.sh   all of it, with NVIDIA's libraries
#                                        (2.8 GB down, 4.7 GB kept)
#
# The programs link against the CPU part alone. Where the CUDA part is
# installed they open it when they start, so nothing is rebuilt.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.13.0
dest=.libtorch
cuda="${CUDA:-0}"
stamp="$dest/.installed-$version-cuda$cuda"
[ -e "$stamp" ] && exit 0
# The full install serves the CPU as well: don't slim down what is there.
[ "$cuda" = 0 ] && [ -e "$dest/.installed-$version-cuda1" ] && exit 0

die() { echo "install-libtorch: $*" >&2; exit 1; }
command -v python3 >/dev/null || die "python3 is missing; install Python 3 with pip"
python3 -m pip --version >/dev/null 2>&1 || die "pip is missing; install it (on Debian: apt-get install python3-pip)"
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "only Linux on x86_64 is set up here; for other systems point LIBTORCH at a libtorch $version"

staging="$dest.staging"
rm -rf "$staging"
mkdir -p "$staging"
trap 'rm -rf "$staging"' EXIT

packages=("torch==$version")
if [ "$cuda" = 0 ]; then
  # libtorch_cpu.so itself needs these two small libraries of NVIDIA's.
  packages+=(--no-deps nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
fi
# The Python that runs pip need not be one that torch has a wheel for, and
# NVIDIA's wheels name all sorts of old systems: ask for every one of them.
tags=(--implementation cp --python-version 3.12 --abi cp312 --abi abi3 --abi none
  --platform manylinux1_x86_64 --platform manylinux2010_x86_64 --platform manylinux2014_x86_64)
for minor in {5..28}; do tags+=(--platform "manylinux_2_${minor}_x86_64"); done

echo "install-libtorch: downloading libtorch $version (CUDA=$cuda)" >&2
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-compile \
  --only-binary=:all: "${tags[@]}" --target "$staging" "${packages[@]}" ||
  die "pip could not fetch torch $version; is the Python package index reachable?"

# Headers and libraries are all that is linked and opened; the rest is Python's.
find "$staging" -mindepth 1 -maxdepth 1 ! -name torch ! -name nvidia -exec rm -rf {} +
find "$staging/torch" -mindepth 1 -maxdepth 1 ! -name lib ! -name include -exec rm -rf {} +
if [ "$cuda" = 0 ]; then
  find "$staging/torch/lib" -mindepth 1 ! -name libtorch_cpu.so ! -name libc10.so ! -name libgomp.so.1 -delete
  find "$staging/nvidia" -type f ! -name 'libcudart.so.*' ! -name 'libcupti.so.*' -delete
  find "$staging/nvidia" -type d -empty -delete
fi
# The wheel's libtorch.so asks for libtorch_cuda.so. Linking needs the CPU part only.
rm -f "$staging/torch/lib/libtorch.so"
echo 'INPUT(libtorch_cpu.so)' > "$staging/torch/lib/libtorch.so"
# torch-sys reads the version from here instead of running Python.
echo "$version" > "$staging/torch/build-version"

touch "$staging/${stamp#"$dest/"}"

rm -rf "$dest"
mv "$staging" "$dest"
trap - EXIT
echo "install-libtorch: $(du -sh "$dest" | cut -f1) in $dest" >&2
