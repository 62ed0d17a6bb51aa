// Loops of a convolution block.

// Sums of ROWS x COLS neighbouring output pixels by VECS vectors of output
// channels, in registers. `x` is the upper left input of the first pixel.
template <int ROWS, int COLS, int VECS>
INLINE void convolve(const ConvShape& shape, const float* x, const float* weight,
                     const float* bias, Floats (&sums)[ROWS * COLS][VECS]) {
  constexpr int GROUP = 3;  // columns that share a pointer: an address has a base and an index
  constexpr int GROUPS = (COLS + GROUP - 1) / GROUP;
  const int64_t in = shape.in, out = shape.out, span = shape.kernel_w * in;
  const int64_t row_length = shape.width * in;
  UNROLLED for (int v = 0; v < VECS; v++) {
    const Floats start = bias ? load(bias + v * LANES) : Floats{};
    UNROLLED for (int p = 0; p < ROWS * COLS; p++) sums[p][v] = start;
  }
  for (int64_t r = 0; r < shape.kernel_h; r++, x += row_length) {
    const float* from[ROWS * GROUPS];
    UNROLLED for (int row = 0; row < ROWS; row++)
      UNROLLED for (int g = 0; g < GROUPS; g++)
        from[row * GROUPS + g] = opaque(x + row * row_length + g * GROUP * in);
    for (int64_t k = 0; k < span; k++, weight += out) {
      Floats w[VECS];
      UNROLLED for (int v = 0; v < VECS; v++) w[v] = load(weight + v * LANES);
      UNROLLED for (int p = 0; p < ROWS * COLS; p++) {
        const int row = p / COLS, col = p % COLS;
        const float value = from[row * GROUPS + col / GROUP][k + (col % GROUP) * in];
        UNROLLED for (int v = 0; v < VECS; v++) sums[p][v] += value * w[v];
      }
    }
  }
}

template <int COLS, int VECS>
INLINE void plain_tile(const ConvShape& shape, const float* x, const float* weight,
                       const float* bias, const Epilogue& epilogue, int64_t place, float* y) {
  Floats sums[COLS][VECS];
  convolve<1, COLS, VECS>(shape, x, weight, bias, sums);
  UNROLLED for (int p = 0; p < COLS; p++) UNROLLED for (int v = 0; v < VECS; v++) {
    const int64_t at = place + p * shape.out + v * LANES;
    Floats value = epilogue.relu ? relu(sums[p][v]) : sums[p][v];
    Ints kept;
    if (epilogue.dropout) value = dropped(value, epilogue, (uint32_t)at, &kept);
    store(y + at, value);
  }
}

// The larger of two as libtorch's max pool chooses: the first of equals, and
// NaN above all.
INLINE Ints wins(Floats candidate, Floats best) {
  return (candidate > best) | (candidate != candidate);
}

// Pools four pixels' sums; `routes` gets the bits of loops.h.
INLINE Floats pooled(Pool pool, Floats a, Floats b, Floats c, Floats d, Ints* routes) {
  const Ints one = Ints{} + 1;
  if (pool == Pool::max) {
    Floats best = a;
    Ints route = one;
    UNROLLED for (int k = 1; k < 4; k++) {
      const Floats other = k == 1 ? b : k == 2 ? c : d;
      const Ints better = wins(other, best);
      best = better ? other : best;
      route = better ? one << k : route;
    }
    *routes = is_positive_or_nan(best) ? route : Ints{};
    return relu(best);
  }
  *routes = (is_positive_or_nan(a) & 1) | (is_positive_or_nan(b) & 2) |
            (is_positive_or_nan(c) & 4) | (is_positive_or_nan(d) & 8);
  return ((relu(a) + relu(b)) + (relu(c) + relu(d))) * 0.25f;
}

template <int COLS, int VECS>
INLINE void pooled_tile(const ConvShape& shape, const float* x, const float* weight,
                        const float* bias, const Epilogue& epilogue, int64_t place, float* y,
                        uint8_t* routes) {
  Floats sums[2 * COLS][VECS];
  convolve<2, COLS, VECS>(shape, x, weight, bias, sums);
  UNROLLED for (int q = 0; q < COLS / 2; q++) UNROLLED for (int v = 0; v < VECS; v++) {
    const int64_t at = place + q * shape.out + v * LANES;
    Ints route, kept;
    Floats value = pooled(epilogue.pool, sums[2 * q][v], sums[2 * q + 1][v],
                          sums[COLS + 2 * q][v], sums[COLS + 2 * q + 1][v], &route);
    if (epilogue.dropout) {
      value = dropped(value, epilogue, (uint32_t)at, &kept);
      route &= kept;
    }
    store(y + at, value);
    *(BytesAt*)(routes + at) = __builtin_convertvector(route, Bytes);
  }
}

// All rows of one block of VECS vectors of output channels, COLS at a time;
// the last tile of a row overlaps the one before it.
template <int COLS, int VECS>
INLINE void plain_rows(const ConvShape& shape, const float* x, const float* weight,
                       const float* bias, const Epilogue& epilogue, float* y, int64_t channel) {
  const int64_t rows = shape.out_height(), cols = shape.out_width();
  for (int64_t row = 0; row < rows; row++)
    for (int64_t col = 0; col < cols; col += COLS) {
      const int64_t start = at_most(col, cols - COLS);
      plain_tile<COLS, VECS>(shape, x + (row * shape.width + start) * shape.in, weight, bias,
                             epilogue, (row * cols + start) * shape.out + channel, y);
    }
}

template <int COLS, int VECS>
INLINE void pooled_rows(const ConvShape& shape, const float* x, const float* weight,
                        const float* bias, const Epilogue& epilogue, float* y, uint8_t* routes,
                        int64_t channel) {
  const int64_t rows = shape.out_height() / 2, cols = shape.out_width() / 2 * 2;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t col = 0; col < cols; col += COLS) {
      const int64_t start = at_most(col, cols - COLS);
      pooled_tile<COLS, VECS>(shape, x + (2 * row * shape.width + start) * shape.in, weight, bias,
                              epilogue, (row * cols + start) / 2 * shape.out + channel, y, routes);
    }
}

template <int PLAIN_COLS, int POOLED_COLS, int VECS>
static void forward_block(const ConvShape& shape, const float* x, const float* weight,
                          const float* bias, const Epilogue& epilogue, float* y, uint8_t* routes,
                          int64_t channel) {
  weight += channel;
  if (bias) bias += channel;
  if (epilogue.pool == Pool::none) {
    if (shape.out_width() >= PLAIN_COLS)
      plain_rows<PLAIN_COLS, VECS>(shape, x, weight, bias, epilogue, y, channel);
    else
      plain_rows<1, VECS>(shape, x, weight, bias, epilogue, y, channel);
  } else if (shape.out_width() >= POOLED_COLS) {
    pooled_rows<POOLED_COLS, VECS>(shape, x, weight, bias, epilogue, y, routes, channel);
  } else {
    pooled_rows<2, VECS>(shape, x, weight, bias, epilogue, y, routes, channel);
  }
}

// Tiles that fill the registers: 32 of 16 lanes, or 16 of fewer.
void forward(const ConvShape& shape, const float* x, const float* weight, const float* bias,
             const Epilogue& epilogue, float* y, uint8_t* routes) {
  for (int64_t channel = 0; channel < shape.out;) {
#if LANES == 16
    if (epilogue.pool == Pool::none && shape.out - channel >= 64) {
      forward_block<6, 2, 4>(shape, x, weight, bias, epilogue, y, routes, channel);
      channel += 64;
    } else if (shape.out - channel >= 32) {
      forward_block<12, 6, 2>(shape, x, weight, bias, epilogue, y, routes, channel);
      channel += 32;
    } else {
      forward_block<24, 12, 1>(shape, x, weight, bias, epilogue, y, routes, channel);
      channel += 16;
    }
#else
    forward_block<6, 2, 2>(shape, x, weight, bias, epilogue, y, routes, channel);
    channel += 2 * LANES;
#endif
  }
}

// -------------------------------------------------------------- gradients

INLINE Ints route_bits(const uint8_t* routes) {
  return __builtin_convertvector(*(const BytesAt*)routes, Ints);
}

INLINE void add_to(float* sum, Floats values) { store(sum, load(sum) + values); }

void route_back(const ConvShape& shape, const Epilogue& epilogue, int64_t row, const float* y,
                const uint8_t* routes, const float* y_gradient, float* g, int64_t stride,
                float* bias_gradient) {
  const int64_t out = shape.out, cols = shape.out_width();
  const float scale = epilogue.dropout ? epilogue.keep_scale : 1.0f;
  if (epilogue.pool == Pool::none) {
    for (int64_t i = 0; i < cols * out; i += LANES) {
      const int64_t at = row * cols * out + i;
      Floats value = load(y_gradient + at);
      if (epilogue.relu) value = is_positive_or_nan(load(y + at)) ? value * scale : Floats{};
      store(g + i, value);
    }
    for (int64_t col = 0; col < cols; col++)
      for (int64_t c = 0; c < out; c += LANES)
        add_to(bias_gradient + c, load(g + col * out + c));
    return;
  }
  const float share = epilogue.pool == Pool::average ? 0.25f * scale : scale;
  for (int64_t col = 0; col < cols / 2; col++)
    for (int64_t c = 0; c < out; c += LANES) {
      const int64_t at = (row * (cols / 2) + col) * out + c;
      const Floats value = load(y_gradient + at) * share;
      const Ints bits = route_bits(routes + at);
      Floats sum = Floats{};
      UNROLLED for (int k = 0; k < 4; k++) {
        const Floats part = (bits & (1 << k)) != 0 ? value : Floats{};
        store(g + (k / 2) * stride + (2 * col + k % 2) * out + c, part);
        sum += part;
      }
      add_to(bias_gradient + c, sum);
    }
  for (int64_t i = cols / 2 * 2 * out; i < cols * out; i += LANES)
    for (int k = 0; k < 2; k++) store(g + k * stride + i, Floats{});
}

// Adds to TAPS x VECS vectors of the weight's gradient what one row gives:
// tap t sees x[t] where the output pixel's gradient is g.
template <int TAPS, int VECS>
static void weight_tile(const float* x, int64_t in, const float* g, int64_t out, int64_t cols,
                        float* gradient) {
  Floats sums[TAPS][VECS];
  UNROLLED for (int t = 0; t < TAPS; t++)
    UNROLLED for (int v = 0; v < VECS; v++) sums[t][v] = load(gradient + t * out + v * LANES);
  for (int64_t col = 0; col < cols; col++, x += in, g += out) {
    Floats grads[VECS];
    UNROLLED for (int v = 0; v < VECS; v++) grads[v] = load(g + v * LANES);
    UNROLLED for (int t = 0; t < TAPS; t++)
      UNROLLED for (int v = 0; v < VECS; v++) sums[t][v] += x[t] * grads[v];
  }
  UNROLLED for (int t = 0; t < TAPS; t++)
    UNROLLED for (int v = 0; v < VECS; v++) store(gradient + t * out + v * LANES, sums[t][v]);
}

template <int TAPS, int VECS>
INLINE void weight_taps(const float* x, int64_t in, int64_t span, const float* g, int64_t out,
                        int64_t cols, float* gradient) {
  int64_t t = 0;
  for (; t + TAPS <= span; t += TAPS)
    weight_tile<TAPS, VECS>(x + t, in, g, out, cols, gradient + t * out);
  for (; t + 9 <= span && TAPS > 9; t += 9)
    weight_tile<9, VECS>(x + t, in, g, out, cols, gradient + t * out);
  for (; t < span; t++) weight_tile<1, VECS>(x + t, in, g, out, cols, gradient + t * out);
}

void weight_gradient(const ConvShape& shape, const float* x, int64_t row, const float* g,
                     float* gradient) {
  const int64_t in = shape.in, out = shape.out, span = shape.kernel_w * in;
  const int64_t cols = shape.out_width();
  for (int64_t r = 0; r < shape.kernel_h; r++, gradient += span * out) {
    const float* from = x + (row + r) * shape.width * in;
    for (int64_t c = 0; c < out;) {
#if LANES == 16
      if (out - c >= 64) {
        weight_taps<6, 4>(from, in, span, g + c, out, cols, gradient + c);
        c += 64;
      } else if (out - c >= 32) {
        weight_taps<12, 2>(from, in, span, g + c, out, cols, gradient + c);
        c += 32;
      } else {
        weight_taps<24, 1>(from, in, span, g + c, out, cols, gradient + c);
        c += 16;
      }
#else
      weight_taps<6, 2>(from, in, span, g + c, out, cols, gradient + c);
      c += 2 * LANES;
#endif
    }
  }
}
