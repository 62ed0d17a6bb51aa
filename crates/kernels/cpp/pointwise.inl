// Loops over values that do not look at their neighbours.

// ---------------------------------------------------------------- dropout

// A counter-based generator: no state, so any picture can be made anywhere.
// The mixing is Wellons' "lowbias32" (nullprogram.com/blog/2018/07/31).
INLINE Words mixed(Words h) {
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h *= 0x846ca68bU;
  return h ^ (h >> 16);
}

INLINE Words counted(uint32_t first) {
  Words places;
  for (int i = 0; i < LANES; i++) places[i] = first + i;
  return places;
}

INLINE Floats dropped(Floats x, const Epilogue& epilogue, uint32_t place, Ints* kept) {
  const uint32_t low = (uint32_t)epilogue.seed, high = (uint32_t)(epilogue.seed >> 32);
  *kept = mixed((counted(place) * 0x9e3779b1U + low) ^ high) < (Words{} + epilogue.keep_below);
  return *kept ? x * epilogue.keep_scale : Floats{};
}

void dropout(const Epilogue& epilogue, int64_t first, int64_t count, const float* x, float* y) {
  Ints kept;
  int64_t at = 0;
  for (; at + LANES <= count; at += LANES)
    store(y + at, dropped(load(x + at), epilogue, (uint32_t)(first + at), &kept));
  if (at == count) return;
  Floats rest = Floats{};
  for (int64_t i = at; i < count; i++) rest[i - at] = x[i];
  rest = dropped(rest, epilogue, (uint32_t)(first + at), &kept);
  for (int64_t i = at; i < count; i++) y[i] = rest[i - at];
}

// ------------------------------------------------------------------ pixels

void scale_pixels(const uint8_t* pixels, int64_t count, const float* scale, const float* offset,
                  float* values) {
  Floats scales[3], offsets[3];
  for (int v = 0; v < 3; v++)
    for (int i = 0; i < LANES; i++) {
      scales[v][i] = scale[(v * LANES + i) % 3];
      offsets[v][i] = offset[(v * LANES + i) % 3];
    }
  int64_t at = 0;
  for (; at + 3 * LANES <= count; at += 3 * LANES)
    UNROLLED for (int v = 0; v < 3; v++) {
      const int64_t from = at + v * LANES;
      const Ints wide = __builtin_convertvector(*(const BytesAt*)(pixels + from), Ints);
      store(values + from, __builtin_convertvector(wide, Floats) * scales[v] + offsets[v]);
    }
  for (; at < count; at++) values[at] = (float)pixels[at] * scale[at % 3] + offset[at % 3];
}
