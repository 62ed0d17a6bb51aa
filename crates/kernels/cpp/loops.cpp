// Which loops this process runs.
#include "loops.h"

#include <atomic>

namespace shoebox {
namespace {

bool is_supported(Vectors vectors) {
#if defined(__x86_64__)
  if (vectors == Vectors::avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (vectors == Vectors::avx2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return vectors == Vectors::portable;
}

const Loops* loops_of(Vectors vectors) {
#if defined(__x86_64__)
  if (vectors == Vectors::avx512) return &loops_avx512;
  if (vectors == Vectors::avx2) return &loops_avx2;
#endif
  return &loops_portable;
}

const Loops* widest() {
  for (const Vectors vectors : {Vectors::avx512, Vectors::avx2})
    if (is_supported(vectors)) return loops_of(vectors);
  return &loops_portable;
}

std::atomic<const Loops*> chosen{widest()};

}  // namespace

const Loops& loops() { return *chosen.load(std::memory_order_relaxed); }

bool use_vectors(Vectors vectors) {
  if (!is_supported(vectors)) return false;
  chosen.store(loops_of(vectors), std::memory_order_relaxed);
  return true;
}

}  // namespace shoebox
