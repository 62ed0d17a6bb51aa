// Dropout on all cores. libtorch draws its mask on one.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "face.h"
#include "loops.h"
#include "random.h"

using at::Tensor;
using namespace shoebox;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr int64_t GRAIN = 1 << 16;

// Drops what the draw says of values in memory order; x is dense.
Tensor drop(const Tensor& x, const Epilogue& epilogue) {
  Tensor y = at::empty_like(x);
  const float* from = x.const_data_ptr<float>();
  float* to = y.data_ptr<float>();
  at::parallel_for(0, x.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    loops().dropout(epilogue, begin, end - begin, from + begin, to + begin);
  });
  return y;
}

struct Dropout : torch::autograd::Function<Dropout> {
  static Tensor forward(AutogradContext* context, const Tensor& x, double rate) {
    TORCH_CHECK(x.device().is_cpu() && x.scalar_type() == at::kFloat, "dropout here is for f32 on the CPU");
    TORCH_CHECK(rate >= 0 && rate < 1, "a dropout rate is from 0 up to, not including, 1");
    Epilogue epilogue{};
    draw_dropout(rate, epilogue);
    const Tensor dense = x.is_non_overlapping_and_dense() ? x : x.contiguous();
    context->saved_data["sizes"] = dense.sizes().vec();
    context->saved_data["strides"] = dense.strides().vec();
    context->saved_data["seed"] = (int64_t)epilogue.seed;
    context->saved_data["rate"] = rate;
    return drop(dense, epilogue);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    // A value's fate follows its place in memory, so the gradient must lie
    // as the values did.
    const auto sizes = context->saved_data["sizes"].toIntVector();
    const auto strides = context->saved_data["strides"].toIntVector();
    Tensor gradient = gradients[0];
    if (gradient.strides() != at::IntArrayRef(strides))
      gradient = at::empty_strided(sizes, strides, gradient.options()).copy_(gradient);
    Epilogue epilogue{};
    set_dropout(context->saved_data["rate"].toDouble(),
                (uint64_t)context->saved_data["seed"].toInt(), epilogue);
    return {drop(gradient, epilogue), Tensor()};
  }
};

}  // namespace

extern "C" {

// See `dropout` in dropout.rs. `*output` belongs to the caller.
const char* shoebox_dropout(const Tensor* input, double rate, Tensor** output) {
  return guarded([&] {
    *output = new Tensor(rate == 0 ? *input : Dropout::apply(*input, rate));
  });
}
}
