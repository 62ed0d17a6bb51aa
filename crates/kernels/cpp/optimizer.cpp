// What tch does not wrap of libtorch's optimizer support.
#include <ATen/ATen.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/version.h>

#include <vector>

#include "face.h"

using at::Tensor;
using shoebox::guarded;

extern "C" {

// The version of libtorch's headers, such as 2.13.0.
const char* shoebox_torch_version() noexcept { return TORCH_VERSION; }

// One Adam step over `count` parameters, each with a gradient. `step` is the
// step being made, from 1; weight decay is decoupled, as in AdamW. In place:
// parameters and both moments.
const char* shoebox_adam_step(Tensor* const* parameters, Tensor* const* first, Tensor* const* second,
                              size_t count, double step, double learning_rate, double beta_1,
                              double beta_2, double epsilon, double weight_decay) {
  return guarded([&] {
    at::NoGradGuard no_grad;
    std::vector<Tensor> values, gradients, firsts, seconds, steps;
    for (size_t i = 0; i < count; i++) {
      TORCH_CHECK(parameters[i]->grad().defined(), "parameter ", i, " has no gradient");
      values.push_back(*parameters[i]);
      gradients.push_back(parameters[i]->grad());
      firsts.push_back(*first[i]);
      seconds.push_back(*second[i]);
      steps.push_back(at::full({}, step, parameters[i]->options().dtype(at::kFloat)));
    }
    if (weight_decay == 0)
      at::_fused_adam_(values, gradients, firsts, seconds, {}, steps, learning_rate, beta_1, beta_2,
                       weight_decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
    else
      at::_fused_adamw_(values, gradients, firsts, seconds, {}, steps, learning_rate, beta_1,
                        beta_2, weight_decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
  });
}

// Shortens the gradients, all together, to a 2-norm of `most` where they are
// longer. Without waiting for a device: the factor stays there.
const char* shoebox_clip_gradients(Tensor* const* parameters, size_t count, double most) {
  return guarded([&] {
    at::NoGradGuard no_grad;
    std::vector<Tensor> gradients;
    for (size_t i = 0; i < count; i++)
      if (parameters[i]->grad().defined()) gradients.push_back(parameters[i]->grad());
    if (gradients.empty()) return;
    auto norm = at::stack(at::_foreach_norm(gradients)).norm();
    auto factor = at::clamp(most / (norm + 1e-6), c10::nullopt, 1.0);
    at::_foreach_mul_(gradients, factor);
  });
}

// Forgets the gradients, so that the next backward pass stores its own
// instead of adding to zeros.
const char* shoebox_clear_gradients(Tensor* const* parameters, size_t count) {
  return guarded([&] {
    for (size_t i = 0; i < count; i++) parameters[i]->mutable_grad().reset();
  });
}
}
