// Vectors of LANES floats, in the types of GCC and Clang.

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef float FloatsAt __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t Words __attribute__((vector_size(4 * LANES)));
typedef uint8_t Bytes __attribute__((vector_size(LANES)));
typedef uint8_t BytesAt __attribute__((vector_size(LANES), aligned(1), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("GCC unroll 32")

INLINE Floats load(const float* at) { return *(const FloatsAt*)at; }
INLINE void store(float* at, Floats values) { *(FloatsAt*)at = values; }

// A pointer of whose origin the compiler knows nothing. Nine places around a
// pixel are three of these and two distances, which fit the registers; left
// alone, it keeps nine distances and fetches them from the stack.
INLINE const float* opaque(const float* at) {
  __asm__("" : "+r"(at));
  return at;
}

INLINE int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

// A comparison that keeps NaN: relu(NaN) is NaN and its gradient passes.
INLINE Ints is_positive_or_nan(Floats x) { return ~(x <= Floats{}); }
INLINE Floats relu(Floats x) { return is_positive_or_nan(x) ? x : Floats{}; }
