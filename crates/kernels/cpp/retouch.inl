// Pictures of bytes, moved, recoloured and mixed: LANES pixels at a time.

typedef uint32_t WordAt __attribute__((aligned(1), may_alias));

void channel_sums(const uint8_t* source, int64_t pixels, uint64_t* sums) {
  const int64_t count = 3 * pixels;
  Words lanes[3] = {};
  int64_t at = 0;
  for (; at + 3 * LANES <= count; at += 3 * LANES)
    UNROLLED for (int v = 0; v < 3; v++)
      lanes[v] += __builtin_convertvector(*(const BytesAt*)(source + at + v * LANES), Words);
  sums[0] = sums[1] = sums[2] = 0;
  for (int v = 0; v < 3; v++)
    for (int i = 0; i < LANES; i++) sums[(v * LANES + i) % 3] += lanes[v][i];
  for (; at < count; at++) sums[at % 3] += source[at];
}

// A place beyond the edges of a line of `count` pixels, mirrored at them as
// often as it takes. Whatever it was, it is from 0 to `count - 1` then.
INLINE float mirrored(float place, float count) {
  if (place >= 0 && place <= count - 1) return place;
  const float period = 2 * count;
  float from_edge = place + 0.5f;
  from_edge -= period * __builtin_floorf(from_edge / period);
  place = (from_edge > count ? period - from_edge : from_edge) - 0.5f;
  return place > 0 ? (place < count - 1 ? place : count - 1) : 0;
}

// Places along a line are in order, so the outermost two tell of all.
INLINE Floats within_line(Floats places, float count) {
  const float a = places[0], b = places[LANES - 1];
  if ((a < b ? a : b) >= 0 && (a < b ? b : a) <= count - 1) return places;
  for (int i = 0; i < LANES; i++) places[i] = mirrored(places[i], count);
  return places;
}

// The three bytes at each offset, in the low bits of a word. Words are read
// from `limit` at the furthest, where the last one ends with the picture.
INLINE Words pixels_at(const uint8_t* source, Ints offsets, int32_t limit) {
  const Ints from = offsets < limit ? offsets : Ints{} + limit;
  Words words;
  UNROLLED for (int i = 0; i < LANES; i++) words[i] = *(const WordAt*)(source + from[i]);
  return words >> (Words)((offsets - from) * 8);
}

INLINE Floats channel(Words pixels, int index) {
  return __builtin_convertvector((Ints)(pixels >> (8 * index) & 255), Floats);
}

// To the nearest byte, halves up.
INLINE Words rounded(Floats values) {
  values = values > 0 ? values : Floats{};
  values = values < 255 ? values : Floats{} + 255;
  return (Words)__builtin_convertvector(values + 0.5f, Ints);
}

// Where a pixel's four neighbours are, and what they weigh.
struct Place {
  Ints top_left, right, down;  // offset, and steps to the others; bytes
  Floats x, y;                 // shares of those, 0 up to 1
};

INLINE Place place_at(Floats x, Floats y, int32_t height, int32_t width) {
  x = within_line(x, width);
  y = within_line(y, height);
  const Ints column = __builtin_convertvector(x, Ints), row = __builtin_convertvector(y, Ints);
  // Comparisons are -1 where they hold.
  return {(row * width + column) * 3, -(column < width - 1) * 3, -(row < height - 1) * 3 * width,
          x - __builtin_convertvector(column, Floats), y - __builtin_convertvector(row, Floats)};
}

INLINE void store_pixels(Words pixels, int64_t count, uint8_t* target) {
  for (int64_t i = 0; i + 1 < count; i++) *(WordAt*)(target + 3 * i) = pixels[i];
  const uint32_t last = pixels[count - 1];
  for (int c = 0; c < 3; c++) target[3 * (count - 1) + c] = (uint8_t)(last >> (8 * c));
}

void retouch(const uint8_t* source, int64_t height, int64_t width, const Retouch& retouch,
             const float* offset, uint8_t* target) {
  // A picture of one pixel is no word.
  const uint8_t single[4] = {source[0], source[1], source[2], 0};
  const int64_t bytes = 3 * height * width;
  if (bytes < 4) source = single;
  const int32_t limit = bytes < 4 ? 0 : (int32_t)bytes - 4;
  const float *to = retouch.to_source, *m = retouch.matrix;
  Floats ramp;
  for (int i = 0; i < LANES; i++) ramp[i] = i;
  for (int64_t row = 0; row < height; row++)
    for (int64_t column = 0; column < width; column += LANES) {
      const Floats x = ramp + (float)column;
      const Place place = place_at(x * to[0] + (to[1] * row + to[2]),
                                   x * to[3] + (to[4] * row + to[5]), height, width);
      const Words a = pixels_at(source, place.top_left, limit);
      const Words b = pixels_at(source, place.top_left + place.right, limit);
      const Words c = pixels_at(source, place.top_left + place.down, limit);
      const Words d = pixels_at(source, place.top_left + place.down + place.right, limit);
      Floats v[3];
      UNROLLED for (int i = 0; i < 3; i++) {
        const Floats above = channel(a, i) + (channel(b, i) - channel(a, i)) * place.x;
        const Floats below = channel(c, i) + (channel(d, i) - channel(c, i)) * place.x;
        v[i] = above + (below - above) * place.y;
      }
      Words pixels = {};
      UNROLLED for (int i = 0; i < 3; i++)
        pixels |= rounded(v[0] * m[3 * i] + v[1] * m[3 * i + 1] + v[2] * m[3 * i + 2] + offset[i]) << (8 * i);
      store_pixels(pixels, at_most(LANES, width - column), target + 3 * (row * width + column));
    }
}

void mix(const uint8_t* __restrict first, const uint8_t* __restrict second, int64_t count,
         float share, uint8_t* __restrict y) {
  const float rest = 1 - share;
  for (int64_t at = 0; at < count; at++)
    y[at] = (uint8_t)(int32_t)(first[at] * share + second[at] * rest + 0.5f);
}
