// Batches of pictures of bytes, changed on all cores.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "face.h"
#include "loops.h"

using at::Tensor;
using namespace shoebox;

extern "C" {
// As `Mix` in retouch.rs, which documents it.
struct ShoeboxMix {
  float share;
  int32_t pasted[4];  // top, left, height, width
};
}

namespace {

// A part of a picture of these sides: what there is of a box.
struct Box {
  int64_t top, left, bottom, right;

  Box(const int32_t* box, int64_t height, int64_t width)
      : top(std::clamp<int64_t>(box[0], 0, height)), left(std::clamp<int64_t>(box[1], 0, width)),
        bottom(std::clamp<int64_t>((int64_t)box[0] + box[2], top, height)),
        right(std::clamp<int64_t>((int64_t)box[1] + box[3], left, width)) {}

  // Calls `each(first, end)` for the bytes of each row.
  template <typename Each>
  void for_rows(int64_t width, Each each) const {
    if (left == right) return;
    for (int64_t row = top; row < bottom; row++)
      each(3 * (row * width + left), 3 * (row * width + right));
  }
};

void check(const Tensor& images, int64_t samples) {
  TORCH_CHECK(images.device().is_cpu() && images.scalar_type() == at::kByte, "pictures here are u8 on the CPU");
  TORCH_CHECK(images.dim() == 4 && images.size(3) == 3, "pictures are [B,H,W,3]");
  TORCH_CHECK(images.size(0) == samples, images.size(0), " pictures are not ", samples);
  TORCH_CHECK(images.size(1) * images.size(2) <= (1 << 28), "a picture has 2^28 pixels at most");
}

void retouch_one(const uint8_t* source, int64_t height, int64_t width, const Retouch& retouch,
                 const uint8_t* fill, uint8_t* target) {
  float offset[3];
  std::copy_n(retouch.offset, 3, offset);
  if (std::any_of(retouch.of_mean, retouch.of_mean + 9, [](float x) { return x != 0; })) {
    uint64_t sums[3];
    loops().channel_sums(source, height * width, sums);
    for (int to = 0; to < 3; to++)
      for (int from = 0; from < 3; from++)
        offset[to] += retouch.of_mean[3 * to + from] * (float)((double)sums[from] / (height * width));
  }
  loops().retouch(source, height, width, retouch, offset, target);
  Box(retouch.erased, height, width).for_rows(width, [&](int64_t first, int64_t end) {
    for (int64_t at = first; at < end; at++) target[at] = fill[(at - first) % 3];
  });
}

}  // namespace

extern "C" {

// See `retouch` in retouch.rs. `*output` belongs to the caller.
const char* shoebox_retouch(const Tensor* images, const Retouch* of, size_t samples,
                            const uint8_t* fill, Tensor** output) {
  return guarded([&] {
    check(*images, (int64_t)samples);
    const Tensor source = images->contiguous();
    const int64_t height = source.size(1), width = source.size(2), bytes = 3 * height * width;
    Tensor target = at::empty_like(source);
    const uint8_t* from = source.const_data_ptr<uint8_t>();
    uint8_t* to = target.data_ptr<uint8_t>();
    if (bytes > 0)
      at::parallel_for(0, (int64_t)samples, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++)
          retouch_one(from + i * bytes, height, width, of[i], fill, to + i * bytes);
      });
    *output = new Tensor(target);
  });
}

// See `mix` in retouch.rs. `*output` belongs to the caller.
const char* shoebox_mix(const Tensor* images, const Tensor* others, const ShoeboxMix* of,
                        size_t samples, Tensor** output) {
  return guarded([&] {
    check(*images, (int64_t)samples);
    check(*others, (int64_t)samples);
    TORCH_CHECK(images->sizes() == others->sizes(), "both have the same sides");
    for (size_t i = 0; i < samples; i++)
      TORCH_CHECK(of[i].share >= 0 && of[i].share <= 1, "a share is 0 to 1");
    const Tensor first = images->contiguous(), second = others->contiguous();
    const int64_t height = first.size(1), width = first.size(2), bytes = 3 * height * width;
    Tensor target = at::empty_like(first);
    const uint8_t *from = first.const_data_ptr<uint8_t>(), *other = second.const_data_ptr<uint8_t>();
    uint8_t* to = target.data_ptr<uint8_t>();
    at::parallel_for(0, (int64_t)samples, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t at = i * bytes;
        loops().mix(from + at, other + at, bytes, of[i].share, to + at);
        Box(of[i].pasted, height, width).for_rows(width, [&](int64_t first, int64_t end) {
          std::copy(other + at + first, other + at + end, to + at + first);
        });
      }
    });
    *output = new Tensor(target);
  });
}
}
