// A convolution with what follows it, as one autograd function: bias, relu,
// a 2x2 pool and dropout, without a pass over memory for each.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstring>
#include <optional>
#include <type_traits>

#include "convolution.h"
#include "face.h"
#include "loops.h"
#include "random.h"

using at::Tensor;
using namespace shoebox;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

extern "C" {
// As `ConvBlock` in conv_block.rs, which documents it.
struct ShoeboxConvBlock {
  float pixel_scale[3], pixel_offset[3];
  int64_t padding[4];  // top, bottom, left, right
  int32_t pool;
  bool relu;
  double dropout;
};
}

namespace {

struct Block {
  ShoeboxConvBlock options;
  ConvShape shape;  // of the padded picture
  Epilogue epilogue;
  int64_t batch;
  bool wants_input, is_bytes;

  bool is_padded() const {
    const int64_t* padding = options.padding;
    return padding[0] + padding[1] + padding[2] + padding[3] > 0;
  }
  int64_t height() const { return shape.height - options.padding[0] - options.padding[1]; }
  int64_t width() const { return shape.width - options.padding[2] - options.padding[3]; }
  int64_t rows() const {
    return epilogue.pool == Pool::none ? shape.out_height() : shape.out_height() / 2;
  }
  int64_t cols() const {
    return epilogue.pool == Pool::none ? shape.out_width() : shape.out_width() / 2;
  }
  int64_t input_size() const { return height() * width() * shape.in; }
  int64_t output_size() const { return rows() * cols() * shape.out; }
  // The loops that visit the routed pixel alone.
  bool skips_zeros() const {
    return epilogue.pool == Pool::max && shape.kernel_h == 3 && shape.kernel_w == 3 &&
           shape.in % 16 == 0;
  }
};

Block describe(const Tensor& input, const Tensor& weight, const ShoeboxConvBlock& options) {
  Block block{};
  block.options = options;
  block.is_bytes = input.scalar_type() == at::kByte;
  TORCH_CHECK(input.device().is_cpu() && weight.device().is_cpu(), "a convolution block is for the CPU");
  TORCH_CHECK(input.dim() == 4 && weight.dim() == 4, "input and weight have four dimensions");
  TORCH_CHECK(block.is_bytes || input.scalar_type() == at::kFloat, "the input is u8 or f32");
  TORCH_CHECK(weight.scalar_type() == at::kFloat, "the weight is f32");
  const int64_t channels = block.is_bytes ? input.size(3) : input.size(1);
  const int64_t first = block.is_bytes ? 1 : 2;
  const int64_t* padding = options.padding;
  block.shape = {input.size(first) + padding[0] + padding[1],
                 input.size(first + 1) + padding[2] + padding[3],
                 channels, weight.size(0), weight.size(2), weight.size(3)};
  TORCH_CHECK(weight.size(1) == channels, "the weight is for ", weight.size(1), " channels, not ", channels);
  TORCH_CHECK(block.shape.out % 16 == 0, "the output channels are a multiple of 16");
  TORCH_CHECK(!block.is_bytes || channels == 3, "pixels have three channels");
  for (int side = 0; side < 4; side++)
    TORCH_CHECK(padding[side] >= 0 && padding[side] < weight.size(2 + side / 2), "padding is less than the kernel");
  block.epilogue.pool = (Pool)options.pool;
  block.epilogue.relu = options.relu;
  TORCH_CHECK(block.epilogue.pool == Pool::none || options.relu, "a pool comes after a relu");
  TORCH_CHECK(options.dropout >= 0 && options.dropout < 1, "a dropout rate is from 0 up to, not including, 1");
  TORCH_CHECK(options.dropout == 0 || options.relu, "dropout comes after a relu");
  TORCH_CHECK(block.rows() > 0 && block.cols() > 0, "the picture is smaller than the kernel");
  block.batch = input.size(0);
  block.wants_input = !block.is_bytes && input.requires_grad();
  TORCH_CHECK(!block.wants_input || channels % 16 == 0, "the input channels are a multiple of 16");
  return block;
}

// A picture of the batch as padded floats: itself, or a copy in `scratch`,
// whose border is zero already.
const float* picture(const Block& block, const Tensor& input, int64_t index, float* scratch,
                     float* row_scratch) {
  const float* scale = block.options.pixel_scale;
  const float* offset = block.options.pixel_offset;
  const int64_t size = block.input_size();
  if (!block.is_padded()) {
    if (!block.is_bytes) return input.const_data_ptr<float>() + index * size;
    loops().scale_pixels(input.const_data_ptr<uint8_t>() + index * size, size, scale, offset, scratch);
    return scratch;
  }
  const int64_t row = block.width() * block.shape.in;
  for (int64_t y = 0; y < block.height(); y++) {
    const int64_t from = index * size + y * row;
    const float* values = row_scratch;
    if (block.is_bytes)
      loops().scale_pixels(input.const_data_ptr<uint8_t>() + from, row, scale, offset, row_scratch);
    else
      values = input.const_data_ptr<float>() + from;
    const int64_t to = ((y + block.options.padding[0]) * block.shape.width + block.options.padding[2]) * block.shape.in;
    std::copy(values, values + row, scratch + to);
  }
  return scratch;
}

// Room for `picture`, one per thread's share of the batch.
struct PictureScratch {
  Tensor padded, row;

  PictureScratch(const Block& block, const at::TensorOptions& options) {
    if (block.is_bytes || block.is_padded())
      padded = at::zeros({block.shape.height * block.shape.width * block.shape.in}, options);
    if (block.is_bytes && block.is_padded()) row = at::empty({block.width() * 3}, options);
  }
  float* data() { return padded.defined() ? padded.data_ptr<float>() : nullptr; }
  float* row_data() { return row.defined() ? row.data_ptr<float>() : nullptr; }
};

// Calls `each(part, first, end)` for one share of the samples per thread.
// Which samples a part has depends on the numbers alone, so sums over parts
// are the same in every run with as many threads.
template <typename Each>
int64_t for_parts(int64_t samples, Each each) {
  const int64_t share = at::divup(samples, at::get_num_threads());
  const int64_t parts = at::divup(samples, share);
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++)
      each(part, part * share, std::min(samples, (part + 1) * share));
  });
  return parts;
}

Tensor channels_last(const Tensor& images) { return images.permute({0, 2, 3, 1}).contiguous(); }
Tensor channels_first(const Tensor& images) { return images.permute({0, 3, 1, 2}); }

// The gradients of one share of a batch.
struct Share {
  const Block& block;
  const Tensor &input, &weight, &output, &routes, &gradient;
  Tensor &input_gradient;
  float *weight_gradient, *bias_gradient;

  // Through a max pool, whose losers have no gradient.
  void skip_zeros(int64_t first, int64_t end) {
    const ConvShape& shape = block.shape;
    PictureScratch scratch(block, weight.options());
    Tensor padded;
    if (block.wants_input && block.is_padded())
      padded = at::empty({shape.height, shape.width, shape.in}, weight.options());
    for (int64_t index = first; index < end; index++) {
      const float* x = picture(block, input, index, scratch.data(), scratch.row_data());
      Tensor to;
      if (block.wants_input) {
        to = padded.defined() ? padded : input_gradient[index];
        to.zero_();
      }
      const int64_t at = index * block.output_size();
      loops().max_pool_gradients(shape, block.epilogue, x, weight.const_data_ptr<float>(),
                                 routes.const_data_ptr<uint8_t>() + at,
                                 gradient.const_data_ptr<float>() + at,
                                 to.defined() ? to.data_ptr<float>() : nullptr, weight_gradient,
                                 bias_gradient);
      if (padded.defined())
        input_gradient[index].copy_(padded.narrow(0, block.options.padding[0], block.height())
                                        .narrow(1, block.options.padding[2], block.width()));
    }
  }

  // By way of the gradient of every output pixel: `g`, with the border of
  // zeros that makes the input's gradient a convolution with the turned weight.
  void every_pixel(int64_t first, int64_t end) {
    const ConvShape& shape = block.shape;
    const int64_t out = shape.out, lines = block.epilogue.pool == Pool::none ? 1 : 2;
    int64_t top = 0, left = 0;
    ConvShape back{lines, shape.out_width(), out, shape.in, shape.kernel_h, shape.kernel_w};
    if (block.wants_input) {
      top = shape.kernel_h - 1 - block.options.padding[0];
      left = shape.kernel_w - 1 - block.options.padding[2];
      back.height = block.height() + shape.kernel_h - 1;
      back.width = block.width() + shape.kernel_w - 1;
    }
    Tensor g = at::zeros({back.height * back.width * out}, weight.options());
    PictureScratch scratch(block, weight.options());
    const int64_t stride = back.width * out;
    const Epilogue nothing{};
    std::optional<Convolution> turned;
    Tensor products;
    if (block.wants_input) {
      turned.emplace(back, Pool::none, weight, nullptr);
      products = turned->scratch();
    }
    for (int64_t index = first; index < end; index++) {
      const float* x = picture(block, input, index, scratch.data(), scratch.row_data());
      const int64_t at = index * block.output_size();
      for (int64_t row = 0; row < block.rows(); row++) {
        const int64_t line = block.wants_input ? row * lines + top : 0;
        float* to = g.data_ptr<float>() + line * stride + left * out;
        loops().route_back(shape, block.epilogue, row,
                           output.defined() ? output.const_data_ptr<float>() + at : nullptr,
                           routes.defined() ? routes.const_data_ptr<uint8_t>() + at : nullptr,
                           gradient.const_data_ptr<float>() + at, to, stride, bias_gradient);
        for (int64_t i = 0; i < lines; i++)
          loops().weight_gradient(shape, x, row * lines + i, to + i * stride, weight_gradient);
      }
      if (turned)
        turned->run(g.const_data_ptr<float>(), nothing, products,
                    input_gradient[index].data_ptr<float>(), nullptr);
    }
  }
};

struct ConvBlock : torch::autograd::Function<ConvBlock> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const std::optional<Tensor>& bias, ShoeboxConvBlock options) {
    Block block = describe(input, weight, options);
    draw_dropout(options.dropout, block.epilogue);
    const Tensor x = block.is_bytes ? input.contiguous() : channels_last(input);
    const Tensor w = weight.permute({2, 3, 1, 0}).contiguous();
    const auto floats = weight.options();
    Tensor y = at::empty({block.batch, block.rows(), block.cols(), block.shape.out}, floats);
    Tensor routes;
    if (block.epilogue.pool != Pool::none) routes = at::empty(y.sizes(), floats.dtype(at::kByte));
    const float* b = bias ? bias->const_data_ptr<float>() : nullptr;
    const Convolution convolution(block.shape, block.epilogue.pool, w, b);
    for_parts(block.batch, [&](int64_t, int64_t first, int64_t end) {
      PictureScratch scratch(block, floats);
      Tensor products = convolution.scratch();
      for (int64_t index = first; index < end; index++) {
        const int64_t at = index * block.output_size();
        convolution.run(picture(block, x, index, scratch.data(), scratch.row_data()),
                        of_sample(block.epilogue, index), products, y.data_ptr<float>() + at,
                        routes.defined() ? routes.data_ptr<uint8_t>() + at : nullptr);
      }
    });
    const Tensor output = channels_first(y);
    const bool needs_output = block.epilogue.pool == Pool::none && options.relu;
    context->save_for_backward({x, weight, routes, needs_output ? output : Tensor()});
    context->saved_data["bias"] = bias.has_value();
    // Plain numbers, whose bytes are all that the gradient needs of them.
    static_assert(std::is_trivially_copyable_v<Block>);
    context->saved_data["block"] = at::IValue(std::string((const char*)&block, sizeof block));
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &routes = saved[2];
    Block block;
    std::memcpy(&block, context->saved_data["block"].toStringRef().data(), sizeof block);
    const ConvShape& shape = block.shape;
    const Tensor y = saved[3].defined() ? channels_last(saved[3]) : Tensor();
    const Tensor gradient = channels_last(gradients[0]);
    Tensor input_gradient;
    if (block.wants_input) input_gradient = at::empty(x.sizes(), weight.options());
    // The turned weight gives the input's gradient as a convolution.
    const Tensor w = block.skips_zeros() ? weight.permute({0, 2, 3, 1}).contiguous()
                                         : weight.flip({2, 3}).permute({2, 3, 0, 1}).contiguous();
    const int64_t weights = weight.numel();
    const Tensor sums = at::zeros({at::get_num_threads(), weights + shape.out}, weight.options());
    for_parts(block.batch, [&](int64_t part, int64_t first, int64_t end) {
      float* sum = sums.data_ptr<float>() + part * (weights + shape.out);
      Share share{block, x, w, y, routes, gradient, input_gradient, sum, sum + weights};
      block.skips_zeros() ? share.skip_zeros(first, end) : share.every_pixel(first, end);
    });
    const Tensor sum = sums.sum(0);
    Tensor weight_gradient = sum.narrow(0, 0, weights);
    weight_gradient = block.skips_zeros()
        ? weight_gradient.view({shape.out, shape.kernel_h, shape.kernel_w, shape.in}).permute({0, 3, 1, 2})
        : weight_gradient.view({shape.kernel_h, shape.kernel_w, shape.in, shape.out}).permute({3, 2, 0, 1});
    Tensor bias_gradient;
    if (context->saved_data["bias"].toBool()) bias_gradient = sum.narrow(0, weights, shape.out).clone();
    return {block.wants_input ? channels_first(input_gradient) : Tensor(),
            weight_gradient.contiguous(), bias_gradient, Tensor()};
  }
};

}  // namespace

extern "C" {

// See `conv_block` in conv_block.rs. `bias` may be null. `*output` belongs to
// the caller.
const char* shoebox_conv_block(const Tensor* input, const Tensor* weight, const Tensor* bias,
                               const ShoeboxConvBlock* options, Tensor** output) {
  return guarded([&] {
    const std::optional<Tensor> given = bias ? std::optional<Tensor>(*bias) : std::nullopt;
    *output = new Tensor(ConvBlock::apply(*input, *weight, given, *options));
  });
}

int32_t shoebox_vectors() noexcept { return (int32_t)loops().vectors; }

bool shoebox_use_vectors(int32_t vectors) noexcept { return use_vectors((Vectors)vectors); }
}
