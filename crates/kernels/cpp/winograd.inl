// Winograd's F(2x2, 3x3): four output pixels of a 3x3 convolution from 16
// products a channel where the definition takes 36. All factors are powers of
// two, so that whole numbers stay exact. The matrices are those of Lavin and
// Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv:1509.09308).

// Tiles of 2x2 pixels that are worked on at a time, in registers two vectors
// wide: 28 of 32, or 12 of 16.
constexpr int TILES = LANES == 16 ? 14 : 6;

// Where the tiles of a picture lie. Without a pool the last of an odd number of
// rows or columns overlaps the one before it.
struct TileGrid {
  int64_t rows, cols, high, wide;

  INLINE TileGrid of(const ConvShape& shape, Pool pool) {
    return {shape.out_height(), shape.out_width(), shape.tiles_high(pool), shape.tiles_wide(pool)};
  }

  __attribute__((always_inline)) int64_t tiles() const { return high * wide; }
  // The upper left output pixel of a tile.
  __attribute__((always_inline)) int64_t row(int64_t tile) const {
    return at_most(tile / wide * 2, rows - 2);
  }
  __attribute__((always_inline)) int64_t col(int64_t tile) const {
    return at_most(tile % wide * 2, cols - 2);
  }
};

// 4x4 values to the 16 that are multiplied, half a transform: of columns.
INLINE void input_half(const Floats (&d)[4], Floats (&v)[4]) {
  v[0] = d[0] - d[2];
  v[1] = d[1] + d[2];
  v[2] = d[2] - d[1];
  v[3] = d[1] - d[3];
}

INLINE void input_tile(const float* x, int64_t row_length, int64_t in, float* v, int64_t stride) {
  Floats half[4][4];
  UNROLLED for (int c = 0; c < 4; c++) {
    Floats column[4], turned[4];
    UNROLLED for (int r = 0; r < 4; r++) column[r] = load(x + r * row_length + c * in);
    input_half(column, turned);
    UNROLLED for (int r = 0; r < 4; r++) half[r][c] = turned[r];
  }
  UNROLLED for (int r = 0; r < 4; r++) {
    Floats line[4];
    input_half(half[r], line);
    UNROLLED for (int c = 0; c < 4; c++) store(v + (r * 4 + c) * stride, line[c]);
  }
}

// Products of TILES tiles for one of the 16 places. `v` is [in / LANES, TILES,
// LANES], `u` [in, VECS * LANES].
template <int VECS>
INLINE void products(int64_t in, const float* v, const float* u, float* m) {
  Floats sums[TILES][VECS];
  UNROLLED for (int t = 0; t < TILES; t++)
    UNROLLED for (int c = 0; c < VECS; c++) sums[t][c] = Floats{};
  for (int64_t i = 0; i < in; i += LANES, v += TILES * LANES)
    for (int64_t k = 0; k < LANES; k++, u += VECS * LANES) {
      Floats w[VECS];
      UNROLLED for (int c = 0; c < VECS; c++) w[c] = load(u + c * LANES);
      UNROLLED for (int t = 0; t < TILES; t++) {
        const float value = v[t * LANES + k];
        UNROLLED for (int c = 0; c < VECS; c++) sums[t][c] += value * w[c];
      }
    }
  UNROLLED for (int t = 0; t < TILES; t++)
    UNROLLED for (int c = 0; c < VECS; c++) store(m + (t * VECS + c) * LANES, sums[t][c]);
}

// The 16 sums of a tile to its four pixels.
INLINE void output_tile(const float* m, int64_t stride, Floats start, Floats (&y)[4]) {
  Floats half[2][4];
  UNROLLED for (int c = 0; c < 4; c++) {
    Floats column[4];
    UNROLLED for (int r = 0; r < 4; r++) column[r] = load(m + (r * 4 + c) * stride);
    half[0][c] = column[0] + column[1] + column[2];
    half[1][c] = column[1] - column[2] - column[3];
  }
  UNROLLED for (int r = 0; r < 2; r++) {
    y[2 * r] = half[r][0] + half[r][1] + half[r][2] + start;
    y[2 * r + 1] = half[r][1] - half[r][2] - half[r][3] + start;
  }
}

// What follows the convolution, for one vector of channels of a tile.
INLINE void finish_tile(const ConvShape& shape, const Epilogue& epilogue, const Floats (&pixels)[4],
                        int64_t row, int64_t col, int64_t cols, int64_t channel, float* y,
                        uint8_t* routes) {
  if (epilogue.pool == Pool::none) {
    UNROLLED for (int p = 0; p < 4; p++) {
      const int64_t at = ((row + p / 2) * cols + col + p % 2) * shape.out + channel;
      Floats value = epilogue.relu ? relu(pixels[p]) : pixels[p];
      Ints kept;
      if (epilogue.dropout) value = dropped(value, epilogue, (uint32_t)at, &kept);
      store(y + at, value);
    }
    return;
  }
  const int64_t at = (row / 2 * (cols / 2) + col / 2) * shape.out + channel;
  Ints route, kept;
  Floats value = pooled(epilogue.pool, pixels[0], pixels[1], pixels[2], pixels[3], &route);
  if (epilogue.dropout) {
    value = dropped(value, epilogue, (uint32_t)at, &kept);
    route &= kept;
  }
  store(y + at, value);
  *(BytesAt*)(routes + at) = __builtin_convertvector(route, Bytes);
}

// Finishes TILES tiles from the first one. Returns what is 0 in each lane whose
// values are all finite, and else not a number.
template <int VECS>
INLINE Floats finish_tiles(const ConvShape& shape, const TileGrid& grid, int64_t first,
                           const float* m, const float* bias, const Epilogue& epilogue,
                           int64_t channel, float* y, uint8_t* routes) {
  Floats zero{};
  for (int t = 0; t < TILES; t++)
    UNROLLED for (int v = 0; v < VECS; v++) {
      Floats pixels[4];
      output_tile(m + (t * VECS + v) * LANES, TILES * VECS * LANES,
                  bias ? load(bias + v * LANES) : Floats{}, pixels);
      UNROLLED for (int p = 0; p < 4; p++) zero += pixels[p] * 0.0f;
      finish_tile(shape, epilogue, pixels, grid.row(first + t), grid.col(first + t), grid.cols,
                  channel + v * LANES, y, routes);
    }
  return zero;
}

template <int VECS>
INLINE Floats winograd_channels(const ConvShape& shape, const TileGrid& grid, int64_t first,
                                const float* v, const float* u, const float* bias,
                                const Epilogue& epilogue, int64_t channel, float* y,
                                uint8_t* routes) {
  alignas(64) float m[16 * TILES * VECS * LANES];
  for (int place = 0; place < 16; place++)
    products<VECS>(shape.in, v + place * TILES * shape.in, u + place * shape.in * VECS * LANES,
                   m + place * TILES * VECS * LANES);
  return finish_tiles<VECS>(shape, grid, first, m, bias ? bias + channel : nullptr, epilogue,
                            channel, y, routes);
}

bool winograd_forward(const ConvShape& shape, const float* x, const float* u, const float* bias,
                      const Epilogue& epilogue, float* v, float* y, uint8_t* routes) {
  const TileGrid grid = TileGrid::of(shape, epilogue.pool);
  const int64_t row_length = shape.width * shape.in;
  Floats zero{};
  for (int64_t tile = 0; tile < grid.tiles(); tile += TILES) {
    const int64_t first = at_most(tile, grid.tiles() - TILES);
    for (int t = 0; t < TILES; t++) {
      const float* from = x + grid.row(first + t) * row_length + grid.col(first + t) * shape.in;
      for (int64_t i = 0; i < shape.in; i += LANES)
        input_tile(from + i, row_length, shape.in, v + i * TILES + t * LANES, TILES * shape.in);
    }
    for (int64_t channel = 0; channel < shape.out;) {
      const float* w = u + channel * 16 * shape.in;
      if (shape.out - channel >= 2 * LANES) {
        zero += winograd_channels<2>(shape, grid, first, v, w, bias, epilogue, channel, y, routes);
        channel += 2 * LANES;
      } else {
        zero += winograd_channels<1>(shape, grid, first, v, w, bias, epilogue, channel, y, routes);
        channel += LANES;
      }
    }
  }
  for (int lane = 0; lane < LANES; lane++)
    if (zero[lane] != 0.0f) return false;  // so is what is not a number
  return true;
}

// [3, 3, in, out] to [blocks of two vectors of out, 16, in, block].
void winograd_weight(const ConvShape& shape, const float* weight, float* u) {
  for (int64_t channel = 0; channel < shape.out; channel += LANES) {
    const int64_t block = channel / (2 * LANES) * (2 * LANES);
    const int64_t width = at_most(2 * LANES, shape.out - block);
    for (int64_t i = 0; i < shape.in; i++) {
      Floats half[4][3];
      auto turn = [](Floats a, Floats b, Floats c, Floats (&to)[4]) {
        to[0] = a;
        to[1] = (a + b + c) * 0.5f;
        to[2] = (a - b + c) * 0.5f;
        to[3] = c;
      };
      const int64_t step = shape.in * shape.out;
      const float* from = weight + i * shape.out + channel;
      for (int c = 0; c < 3; c++) {
        Floats to[4];
        turn(load(from + c * step), load(from + (3 + c) * step), load(from + (6 + c) * step), to);
        for (int r = 0; r < 4; r++) half[r][c] = to[r];
      }
      for (int r = 0; r < 4; r++) {
        Floats to[4];
        turn(half[r][0], half[r][1], half[r][2], to);
        for (int c = 0; c < 4; c++)
          store(u + block * 16 * shape.in + ((r * 4 + c) * shape.in + i) * width + channel - block,
                to[c]);
      }
    }
  }
}
