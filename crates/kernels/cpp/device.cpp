// Memory and precision, as tch does not give them.
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/CachingDeviceAllocator.h>

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

// Begins or ends autocast to bfloat16 for this thread; it does not nest.
const char* shoebox_autocast(bool cuda, bool bfloat16) {
  return guarded([&] {
    auto device = cuda ? at::kCUDA : at::kCPU;
    if (bfloat16) at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_enabled(device, bfloat16);
    if (bfloat16)
      at::autocast::increment_nesting();
    else if (at::autocast::decrement_nesting() == 0)
      at::autocast::clear_cache();  // of weights in bfloat16
  });
}

// Whether cuBLAS and cuDNN may round f32 to TF32.
const char* shoebox_allow_tf32(bool allowed) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(allowed);
    at::globalContext().setAllowTF32CuDNN(allowed);
  });
}

// Memory of a CUDA device that nobody has taken. The allocator is libtorch's
// own: what it has cached and could give back is not counted.
const char* shoebox_cuda_free_bytes(int32_t index, size_t* free) {
  return guarded([&] {
    auto* allocator = c10::getDeviceAllocator(at::kCUDA);
    *free = allocator->getMemoryInfo(static_cast<c10::DeviceIndex>(index)).first;
  });
}

// Gives cached memory back to the CUDA devices.
const char* shoebox_cuda_release() {
  return guarded([] { c10::getDeviceAllocator(at::kCUDA)->emptyCache(); });
}
}
