// What dropout draws from libtorch's generator: one number a call, from which
// every value's fate follows. So `manual_seed` governs it.
#pragma once
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <mutex>

#include "loops.h"

namespace shoebox {

// Makes `epilogue` drop a share `rate`, below 1, of the values.
inline void set_dropout(double rate, uint64_t seed, Epilogue& epilogue) {
  epilogue.dropout = true;
  epilogue.seed = seed;
  epilogue.keep_below = (uint32_t)std::llround((1 - rate) * 4294967295.0);
  epilogue.keep_scale = (float)(1 / (1 - rate));
}

// The same with a seed from libtorch's generator; a rate of 0 draws nothing.
inline void draw_dropout(double rate, Epilogue& epilogue) {
  if (rate == 0) return;
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  std::lock_guard<std::mutex> lock(generator.mutex());
  set_dropout(rate, at::check_generator<at::CPUGeneratorImpl>(generator)->random64(), epilogue);
}

// The same draw for sample `index` of a batch (Steele et al., "SplitMix64").
inline Epilogue of_sample(Epilogue epilogue, int64_t index) {
  uint64_t z = epilogue.seed + (uint64_t)(index + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  epilogue.seed = z ^ (z >> 31);
  return epilogue;
}

}  // namespace shoebox
