// A fully connected layer by oneDNN's products. libtorch asks MKL for them,
// which keeps to AVX2 on processors that are not Intel's.
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

#include "face.h"
#include "loops.h"

using at::Tensor;
using shoebox::guarded;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

using Product = Tensor(const Tensor&, const Tensor&, const std::optional<Tensor>&, c10::string_view,
                       c10::List<std::optional<at::Scalar>>, std::optional<c10::string_view>);

// libtorch's own operator over oneDNN's inner product, where it was built with it.
const std::optional<c10::TypedOperatorHandle<Product>>& onednn() {
  static const auto product = []() -> std::optional<c10::TypedOperatorHandle<Product>> {
    const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!found) return std::nullopt;
    return found->typed<Product>();
  }();
  return product;
}

// `x` [B,I] times the transpose of `w` [O,I], and the bias: [B,O].
Tensor product(const Tensor& x, const Tensor& w, const std::optional<Tensor>& bias) {
  return onednn()->call(x, w, bias, "none", c10::List<std::optional<at::Scalar>>(), "");
}

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& w,
                        const std::optional<Tensor>& bias) {
    TORCH_CHECK(onednn(), "this libtorch has no oneDNN");
    TORCH_CHECK(x.device().is_cpu() && x.scalar_type() == at::kFloat, "a layer here is for f32 on the CPU");
    context->save_for_backward({x, w});
    context->saved_data["bias"] = bias.has_value();
    return product(x, w, bias);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    const Tensor gradient = gradients[0].contiguous();
    Tensor x_gradient, bias_gradient;
    if (context->needs_input_grad(0)) x_gradient = product(gradient, w.t(), std::nullopt);
    if (context->saved_data["bias"].toBool()) bias_gradient = gradient.sum(0);
    return {x_gradient, product(gradient.t().contiguous(), x.t(), std::nullopt), bias_gradient};
  }
};

bool is_intel() {
#if defined(__x86_64__)
  return __builtin_cpu_is("intel");
#else
  return false;
#endif
}

}  // namespace

extern "C" {

// See `linear` in linear.rs. `bias` may be null. `*output` belongs to the caller.
const char* shoebox_linear(const Tensor* input, const Tensor* weight, const Tensor* bias,
                           Tensor** output) {
  return guarded([&] {
    const std::optional<Tensor> given = bias ? std::optional<Tensor>(*bias) : std::nullopt;
    *output = new Tensor(Linear::apply(*input, *weight, given));
  });
}

bool shoebox_linear_pays() noexcept {
  return !is_intel() && shoebox::loops().vectors == shoebox::Vectors::avx512 && onednn();
}
}
