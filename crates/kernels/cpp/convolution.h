// A convolution of whole pictures, in the way that is fastest for its shape.
#pragma once
#include <ATen/ATen.h>

#include "loops.h"

namespace shoebox {

// By Winograd's products where the shape allows it, else by the definition.
class Convolution {
 public:
  // `weight` [kernel_h, kernel_w, in, out] and `bias` outlive it; `bias` may be null.
  Convolution(const ConvShape& shape, Pool pool, const at::Tensor& weight, const float* bias)
      : shape(shape), weight(weight), bias(bias) {
    if (!fits(pool)) return;
    u = at::empty({16 * shape.in * shape.out}, weight.options());
    loops().winograd_weight(shape, weight.const_data_ptr<float>(), u.data_ptr<float>());
  }

  // Room for one thread's `run`.
  at::Tensor scratch() const {
    const int64_t size = u.defined() ? 16 * loops().winograd_tiles * shape.in : 0;
    return at::empty({size}, weight.options());
  }

  // y = epilogue(conv(x) + bias) for one picture, as `Loops::forward`.
  void run(const float* x, const Epilogue& epilogue, at::Tensor& scratch, float* y,
           uint8_t* routes) const {
    if (u.defined() && loops().winograd_forward(shape, x, u.const_data_ptr<float>(), bias, epilogue,
                                                scratch.data_ptr<float>(), y, routes))
      return;
    loops().forward(shape, x, weight.const_data_ptr<float>(), bias, epilogue, y, routes);
  }

 private:
  bool fits(Pool pool) const {
    return shape.kernel_h == 3 && shape.kernel_w == 3 && shape.in % 16 == 0 &&
           shape.out_height() >= 2 && shape.out_width() >= 2 &&
           shape.tiles_high(pool) * shape.tiles_wide(pool) >= loops().winograd_tiles;
  }

  ConvShape shape;
  const at::Tensor& weight;
  const float* bias;
  at::Tensor u;
};

}  // namespace shoebox
