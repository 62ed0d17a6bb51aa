// Gradients of a convolution block through a max pool, of whose four pixels
// one has a gradient at most.

// Which of up to 64 channels have exactly `bit` in their routes.
INLINE uint64_t channels_with(const uint8_t* routes, int64_t count, uint8_t bit) {
  typedef uint8_t Eight __attribute__((vector_size(8), aligned(1), may_alias));
  uint64_t channels = 0;
  for (int64_t first = 0; first < count; first += 8) {
    const uint64_t hits = (uint64_t)(*(const Eight*)(routes + first) == bit);
    // Gathers the lowest bit of each byte into the highest byte.
    const uint64_t bits = (hits & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56;
    channels |= bits << first;
  }
  return channels;
}

// Adds to the 4x4 inputs that a pooled pixel sees what its pixel K gives.
template <int K>
INLINE void window_gradient(Floats (&window)[16], const float* weight, int64_t in,
                            uint64_t channels, const float* y_gradient, float scale) {
  for (; channels != 0; channels &= channels - 1) {
    const int64_t channel = __builtin_ctzll(channels);
    const float value = y_gradient[channel] * scale;
    const float* from = weight + channel * 9 * in;
    const float* rows[3] = {opaque(from), opaque(from + 3 * in), opaque(from + 6 * in)};
    UNROLLED for (int t = 0; t < 9; t++)
      window[(K / 2 + t / 3) * 4 + K % 2 + t % 3] += value * load(rows[t / 3] + t % 3 * in);
  }
}

// Of LANES input channels, in registers; `x_gradient` is the upper left input.
INLINE void window_gradients(float* x_gradient, int64_t row_length, int64_t in, int64_t out,
                             const float* weight, const uint8_t* routes, const float* y_gradient,
                             float scale) {
  Floats window[16];
  UNROLLED for (int p = 0; p < 16; p++)
    window[p] = load(x_gradient + (p / 4) * row_length + (p % 4) * in);
  for (int64_t c = 0; c < out; c += 64) {
    const int64_t count = at_most(out - c, 64);
    const float *w = weight + c * 9 * in, *g = y_gradient + c;
    window_gradient<0>(window, w, in, channels_with(routes + c, count, 1), g, scale);
    window_gradient<1>(window, w, in, channels_with(routes + c, count, 2), g, scale);
    window_gradient<2>(window, w, in, channels_with(routes + c, count, 4), g, scale);
    window_gradient<3>(window, w, in, channels_with(routes + c, count, 8), g, scale);
  }
  UNROLLED for (int p = 0; p < 16; p++)
    store(x_gradient + (p / 4) * row_length + (p % 4) * in, window[p]);
}

// What a row of pooled pixels gives one output channel's weights, for LANES
// input channels. Where the routed pixel lies is an address, not a branch.
INLINE void channel_weights(const float* x, const int64_t (&offsets)[9], int64_t row_length,
                            int64_t in, int64_t out, int64_t cols, const uint8_t* routes,
                            const float* y_gradient, float scale, float* gradient) {
  Floats sums[9];
  UNROLLED for (int t = 0; t < 9; t++) sums[t] = load(gradient + t * in);
  for (int64_t col = 0; col < cols; col++, x += 2 * in, routes += out, y_gradient += out) {
    // A mask, since a branch on what dropout draws cannot be predicted.
    const uint32_t bits = __builtin_bit_cast(uint32_t, *y_gradient) & -(uint32_t)(*routes != 0);
    const float value = __builtin_bit_cast(float, bits) * scale;
    const float* from = x + offsets[*routes];
    const float* rows[3] = {opaque(from), opaque(from + row_length),
                            opaque(from + 2 * row_length)};
    UNROLLED for (int t = 0; t < 9; t++) sums[t] += value * load(rows[t / 3] + t % 3 * in);
  }
  UNROLLED for (int t = 0; t < 9; t++) store(gradient + t * in, sums[t]);
}

void max_pool_gradients(const ConvShape& shape, const Epilogue& epilogue, const float* x,
                        const float* weight, const uint8_t* routes, const float* y_gradient,
                        float* x_gradient, float* weight_gradient, float* bias_gradient) {
  const int64_t in = shape.in, out = shape.out, row_length = shape.width * in;
  const int64_t rows = shape.out_height() / 2, cols = shape.out_width() / 2;
  const float scale = epilogue.dropout ? epilogue.keep_scale : 1.0f;
  const int64_t offsets[9] = {0, 0, in, 0, row_length, 0, 0, 0, row_length + in};
  for (int64_t row = 0; row < rows; row++) {
    const int64_t at = 2 * row * row_length;
    for (int64_t i = 0; i < in; i += LANES)
      for (int64_t c = 0; c < out; c++)
        channel_weights(x + at + i, offsets, row_length, in, out, cols, routes + c, y_gradient + c,
                        scale, weight_gradient + c * 9 * in + i);
    for (int64_t col = 0; col < cols; col++, routes += out, y_gradient += out) {
      for (int64_t c = 0; c < out; c += LANES) {
        const Floats value = load(y_gradient + c) * scale;
        add_to(bias_gradient + c, route_bits(routes + c) != 0 ? value : Floats{});
      }
      for (int64_t i = 0; i < in && x_gradient; i += LANES)
        window_gradients(x_gradient + at + 2 * col * in + i, row_length, in, out, weight + i,
                         routes, y_gradient, scale);
    }
  }
}
