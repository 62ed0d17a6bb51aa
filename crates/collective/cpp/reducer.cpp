// DDP's own engine: gradients are reduced in buckets while backward goes on.
#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/logger.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "face.h"
#include "handles.h"

using at::Tensor;
using shoebox::Group;
using shoebox::guarded;

namespace shoebox {

// Members are destroyed from the last to the first: c10d's logger holds its
// reducer, which knows the logger weakly.
struct Reducer {
  std::shared_ptr<c10d::Reducer> reducer;
  std::shared_ptr<c10d::Logger> logger;
};

}  // namespace shoebox

using shoebox::Reducer;

namespace {

// As DistributedDataParallel does: from the last parameter to the first, which
// is the order of gradients, and a small bucket first, so that the network is
// not idle for long.
std::vector<std::vector<size_t>> buckets(const std::vector<Tensor>& parameters, size_t bucket_bytes) {
  const size_t first = std::min<size_t>(c10d::kDefaultFirstBucketBytes, bucket_bytes);
  auto [buckets, limits] = c10d::compute_bucket_assignment_by_size(
      parameters, {first, bucket_bytes}, std::vector<bool>(parameters.size(), false));
  std::reverse(buckets.begin(), buckets.end());
  return buckets;
}

}  // namespace

extern "C" {

// A reducer of the gradients of `count` leaves. `*made` belongs to the caller.
const char* shoebox_reducer_new(Group* group, Tensor* const* parameters, size_t count,
                                size_t bucket_bytes, bool as_float16, Reducer** made) {
  return guarded([&] {
    std::vector<Tensor> leaves;
    for (size_t i = 0; i < count; i++) leaves.push_back(*parameters[i]);
    const auto limit = static_cast<int64_t>(bucket_bytes);
    auto reducer = std::make_shared<c10d::Reducer>(
        leaves, buckets(leaves, bucket_bytes), group->group, std::vector<bool>(count, false), limit,
        /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/true,
        std::unordered_map<size_t, std::string>{},
        std::min<int64_t>(c10d::kDefaultFirstBucketBytes, limit),
        /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
        std::vector<int64_t>{});
    if (as_float16)
      reducer->register_builtin_comm_hook(c10d::BuiltinCommHookType::FP16_COMPRESS);
    // The logger is what reads the reducer's clocks.
    auto logger = std::make_shared<c10d::Logger>(reducer);
    logger->set_construction_data_and_log("shoebox", /*device_ids=*/{}, /*output_device=*/-1,
                                          /*broadcast_buffers=*/false, /*has_sync_bn=*/false,
                                          /*static_graph=*/false);
    reducer->set_logger(logger);
    reducer->set_ddp_runtime_logging_sample_rate(1);
    *made = new Reducer{reducer, logger};
  });
}

void shoebox_reducer_free(Reducer* reducer) noexcept {
  // Both destructors may throw, which must not reach Rust.
  guarded([&] { delete reducer; });
}

// Has the next backward pass reduce. After the first one the buckets are made
// anew, in the order in which gradients came.
const char* shoebox_reducer_prepare(Reducer* reducer) {
  return guarded([&] {
    reducer->reducer->prepare_for_forward();
    reducer->reducer->rebuild_buckets();
    reducer->reducer->prepare_for_backward({});
  });
}

// Throws unless the last prepared backward pass has reduced every gradient.
const char* shoebox_reducer_finish(Reducer* reducer) {
  return guarded([&] {
    reducer->reducer->check_finalized();
    reducer->logger->set_runtime_stats_and_log();
  });
}

// Of the last reduced backward pass, in nanoseconds: its computing, from the
// start of the first bucket's reduction to the end of the last one's, and the
// part of that before computing ended. Zeros before the first.
const char* shoebox_reducer_times(Reducer* reducer, int64_t* compute, int64_t* reduction,
                                  int64_t* overlap, size_t* bucket_count) {
  return guarded([&] {
    const auto data = reducer->logger->get_ddp_logging_data();
    const auto time = [&](const char* name) {
      const auto found = data.ints_map.find(name);
      return found == data.ints_map.end() ? 0 : found->second;
    };
    *compute = time("backward_compute_time");
    *reduction = time("backward_comm_time");
    *overlap = time("backward_compute_comm_overlap_time");
    *bucket_count = reducer->logger->get_bucket_sizes().size();
  });
}
}
