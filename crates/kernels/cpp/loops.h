// The inner loops of fused layers, for one picture and one thread. They are
// compiled once per kind of vector register; `loops()` gives
// those of the widest that this processor has. No header of libtorch or of the C++
// library is included here: an inline function of theirs, compiled for a newer
// processor, could be the copy that the linker keeps for everyone.
#pragma once
#include <cstddef>
#include <cstdint>

namespace shoebox {

enum class Pool : int32_t { none, average, max };  // 2x2, stride 2, valid

// A valid convolution of stride 1 over [height, width, in] floats, which
// gives [height - kernel_h + 1, width - kernel_w + 1, out]. `out` is a
// multiple of 16. Weights lie as [kernel_h, kernel_w, in, out].
struct ConvShape {
  int64_t height, width, in, out, kernel_h, kernel_w;

  // Always inlined, for the reason above.
  __attribute__((always_inline)) int64_t out_height() const { return height - kernel_h + 1; }
  __attribute__((always_inline)) int64_t out_width() const { return width - kernel_w + 1; }
  // Squares of 2x2 output pixels below and beside each other: those of the
  // pool, or without one as many as cover the output.
  __attribute__((always_inline)) int64_t tiles_high(Pool pool) const {
    return (out_height() + (pool == Pool::none ? 1 : 0)) / 2;
  }
  __attribute__((always_inline)) int64_t tiles_wide(Pool pool) const {
    return (out_width() + (pool == Pool::none ? 1 : 0)) / 2;
  }
};

// What follows the convolution. Dropout of a value depends on `seed` and on
// the value's place in the picture alone.
struct Epilogue {
  Pool pool;
  bool relu;
  bool dropout;
  uint32_t keep_below;  // of 2^32: the share that dropout keeps
  float keep_scale;     // 1 / that share
  uint64_t seed;
};

// What becomes of a picture [height, width, 3] of bytes; as `Retouch` in
// retouch.rs, which documents it.
struct Retouch {
  float to_source[6];
  float matrix[9], offset[3], of_mean[9];
  int32_t erased[4];  // top, left, height, width
};

enum class Vectors : int32_t { portable, avx2, avx512 };

struct Loops {
  Vectors vectors;

  // Dropout alone: y = kept ? x * keep_scale : 0, for `count` values of which
  // the first has place `first`. Its own gradient, too.
  void (*dropout)(const Epilogue& epilogue, int64_t first, int64_t count, const float* x, float* y);

  // u8 [count] to f32, `values[i] = pixels[i] * scale[i % 3] + offset[i % 3]`;
  // count is a multiple of 3.
  void (*scale_pixels)(const uint8_t* pixels, int64_t count, const float* scale,
                       const float* offset, float* values);

  // The sum of each channel over `pixels` of three bytes.
  void (*channel_sums)(const uint8_t* source, int64_t pixels, uint64_t* sums);

  // The picture `source` as `retouch` says, but for its mean, which is in
  // `offset` already, and for what it erases.
  void (*retouch)(const uint8_t* source, int64_t height, int64_t width, const Retouch& retouch,
                  const float* offset, uint8_t* target);

  // y = first * share + second * (1 - share), rounded, for `count` bytes and a
  // share from 0 to 1.
  void (*mix)(const uint8_t* first, const uint8_t* second, int64_t count, float share, uint8_t* y);

  // y = epilogue(conv(x) + bias). With a pool, `routes` [pooled h, w, out]
  // gets what the gradient needs: bit k says that pixel k (row-major in its
  // 2x2 window) passes it on. Without one, y itself tells.
  void (*forward)(const ConvShape& shape, const float* x, const float* weight, const float* bias,
                  const Epilogue& epilogue, float* y, uint8_t* routes);

  // The gradient before pool, relu and dropout of the rows that pooled row
  // (without a pool: row) `row` came from, into `g` with `stride` floats
  // between its rows. Adds the sum over pixels to `bias_gradient`.
  void (*route_back)(const ConvShape& shape, const Epilogue& epilogue, int64_t row,
                     const float* y, const uint8_t* routes, const float* y_gradient, float* g,
                     int64_t stride, float* bias_gradient);

  // Adds to `weight_gradient` what output row `row` gives, `g` being its
  // gradient.
  void (*weight_gradient)(const ConvShape& shape, const float* x, int64_t row, const float* g,
                          float* weight_gradient);

  // The same two through a max pool, of whose four pixels one has a gradient
  // at most, for a 3x3 kernel and `in` a multiple of 16. `x_gradient`
  // (zeroed by the caller) and `weight_gradient` [out, 3, 3, in] are added to;
  // `weight` lies as [out, 3, 3, in] too. `x_gradient` may be null.
  void (*max_pool_gradients)(const ConvShape& shape, const Epilogue& epilogue, const float* x,
                             const float* weight, const uint8_t* routes, const float* y_gradient,
                             float* x_gradient, float* weight_gradient, float* bias_gradient);

  // `forward` by Winograd's F(2x2, 3x3), for a 3x3 kernel, `in` a multiple of
  // 16, an output of 2x2 pixels or more, and `winograd_tiles` squares of 2x2
  // or more in it. `u` has 16 floats for each of in * out, made of the weight
  // once; `v` is room for 16 * winograd_tiles * in. False when a value is not
  // finite: infinity minus infinity may then be where there was none, and
  // `forward` has to be asked.
  int64_t winograd_tiles;
  void (*winograd_weight)(const ConvShape& shape, const float* weight, float* u);
  bool (*winograd_forward)(const ConvShape& shape, const float* x, const float* u,
                           const float* bias, const Epilogue& epilogue, float* v, float* y,
                           uint8_t* routes);
};

const Loops& loops();
// Has `loops()` give others from now on; false where the processor lacks them.
bool use_vectors(Vectors vectors);
extern const Loops loops_avx512, loops_avx2, loops_portable;

}  // namespace shoebox
