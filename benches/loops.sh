#!/usr/bin/env bash
# Times the loops of fused layers, each alone: see loops.cpp. The flags are
# those of crates/kernels/build.rs.
set -euo pipefail
cd "$(dirname "$0")/.."
out=target/loops
mkdir -p "$out"
flags=(-std=c++20 -O3 -ffp-contract=fast -Wno-psabi)
compile() { "${CXX:-c++}" "${flags[@]}" "${@:2}" -c "crates/kernels/cpp/$1.cpp" -o "$out/$1.o"; }
compile loops
compile loops_portable
compile loops_avx2 -mavx2 -mfma
compile loops_avx512 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma
"${CXX:-c++}" "${flags[@]}" benches/loops.cpp "$out"/loops*.o -o "$out/run"
"$out/run"
