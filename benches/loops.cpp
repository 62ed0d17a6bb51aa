// The loops of fused layers alone, on one thread, for the convolutions of the
// tutorial's network; loops.sh compiles and runs it. Times are of the thread's
// own processor time, the third shortest of 15.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../crates/kernels/cpp/loops.h"

using namespace shoebox;

// Tensors of libtorch begin at a multiple of 64 bytes, and it matters.
template <typename T>
struct Aligned {
  using value_type = T;
  Aligned() = default;
  template <typename U>
  Aligned(const Aligned<U>&) {}
  T* allocate(size_t count) {
    return (T*)std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64);
  }
  void deallocate(T* at, size_t) { std::free(at); }
  bool operator==(const Aligned&) const { return true; }
};
using Floats = std::vector<float, Aligned<float>>;
using Bytes = std::vector<uint8_t, Aligned<uint8_t>>;

static Floats drawn(size_t count) {
  Floats values(count);
  for (float& value : values) value = (float)(std::rand() % 2001 - 1000) / 1000;
  return values;
}

static double thread_ms() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

template <typename Body>
static void measure(const char* what, double mega_operations, Body body) {
  std::vector<double> times;
  for (int round = 0; round < 15; round++) {
    const double start = thread_ms();
    body();
    times.push_back(thread_ms() - start);
  }
  std::sort(times.begin(), times.end());
  std::printf("| %s | %.3f | %.1f | ", what, times[2], times[2] * 16);
  if (mega_operations > 0) std::printf("%.0f ", mega_operations / times[2]);
  std::printf("|\n");
}

static void measure_block(const char* name, const ConvShape& shape, Pool pool) {
  const Loops& run = loops();
  const int64_t rows = shape.out_height(), cols = shape.out_width(), out = shape.out;
  const int64_t weights = shape.kernel_h * shape.kernel_w * shape.in * out;
  const double operations = 2.0 * (double)(rows * cols * weights) / 1e6;
  const Floats x = drawn(shape.height * shape.width * shape.in), w = drawn(weights), b = drawn(out);
  const Floats y_gradient = drawn(rows * cols * out);
  Floats y(y_gradient.size()), g(y.size()), w_gradient(weights), b_gradient(out), x_gradient(x.size());
  Bytes routes(y.size());
  const Epilogue epilogue{pool, true, pool != Pool::average, 3006477107U, 1 / 0.7f, 0x1234567890abcdefULL};
  std::printf("| **%s** | | | |\n", name);
  measure("forward", operations, [&] {
    run.forward(shape, x.data(), w.data(), b.data(), epilogue, y.data(), routes.data());
  });
  if (shape.in % 16 == 0) {
    Floats u(16 * shape.in * out), v(16 * run.winograd_tiles * shape.in);
    run.winograd_weight(shape, w.data(), u.data());
    measure("forward, Winograd", operations, [&] {
      run.winograd_forward(shape, x.data(), u.data(), b.data(), epilogue, v.data(), y.data(),
                           routes.data());
    });
  }
  const int64_t lines = pool == Pool::none ? 1 : 2;
  measure("gradient before pool and relu", 0, [&] {
    for (int64_t row = 0; row < rows / lines; row++)
      run.route_back(shape, epilogue, row, y.data(), routes.data(), y_gradient.data(),
                     g.data() + row * lines * cols * out, cols * out, b_gradient.data());
  });
  measure("gradient of the weights", operations, [&] {
    for (int64_t row = 0; row < rows; row++)
      run.weight_gradient(shape, x.data(), row, g.data() + row * cols * out, w_gradient.data());
  });
  if (pool != Pool::max) return;
  measure("both gradients through the max pool", 0, [&] {
    run.max_pool_gradients(shape, epilogue, x.data(), w.data(), routes.data(), y_gradient.data(),
                           x_gradient.data(), w_gradient.data(), b_gradient.data());
  });
}

// The gradient of a convolution's input: a convolution with its turned weights.
static void measure_input_gradient(const char* name, const ConvShape& shape) {
  const Floats g = drawn(shape.height * shape.width * shape.in);
  const Floats w = drawn(shape.kernel_h * shape.kernel_w * shape.in * shape.out);
  Floats x_gradient(shape.out_height() * shape.out_width() * shape.out);
  const double operations = 2.0 * (double)(x_gradient.size() * shape.kernel_h * shape.kernel_w * shape.in) / 1e6;
  measure(name, operations, [&] {
    loops().forward(shape, g.data(), w.data(), nullptr, Epilogue{}, x_gradient.data(), nullptr);
  });
}

int main() {
  const char* names[] = {"portable", "AVX2", "AVX-512"};
  for (const Vectors vectors : {Vectors::avx512, Vectors::avx2, Vectors::portable}) {
    if (!use_vectors(vectors)) continue;
    std::printf("\n| %s | ms a picture | times 16 | GF/s |\n|---|---:|---:|---:|\n", names[(int)vectors]);
    const Bytes pixels(224 * 224 * 3);
    Floats values(pixels.size());
    const float ones[3] = {1, 1, 1};
    measure("bytes to floats", 0, [&] {
      loops().scale_pixels(pixels.data(), (int64_t)pixels.size(), ones, ones, values.data());
    });
    measure_block("1st convolution, average pool", {224, 224, 3, 16, 3, 3}, Pool::average);
    measure_block("2nd convolution, max pool", {111, 111, 16, 32, 3, 3}, Pool::max);
    measure_input_gradient("gradient of the input, every pixel", {113, 113, 32, 16, 3, 3});
    measure_block("3rd convolution", {54, 54, 32, 64, 3, 3}, Pool::none);
    measure_input_gradient("gradient of the input", {56, 56, 64, 32, 3, 3});
  }
}
