// Memory, as tch does not give it.
#include <ATen/ATen.h>

#include "face.h"

using at::Tensor;
using shoebox::guarded;

extern "C" {

// A u8 tensor of this shape that nothing has been written to, on the CPU.
const char* shoebox_empty_bytes(const int64_t* shape, size_t dimensions, bool pinned,
                                Tensor** output) {
  return guarded([&] {
    auto options = at::TensorOptions().dtype(at::kByte).pinned_memory(pinned);
    *output = new Tensor(at::empty(at::IntArrayRef(shape, dimensions), options));
  });
}
}
