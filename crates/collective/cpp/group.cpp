// A process group over Gloo, and its operations. All of them block.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "face.h"
#include "handles.h"

using at::Tensor;
using c10d::ProcessGroupGloo;
using shoebox::Group;
using shoebox::guarded;
using shoebox::Store;
using std::chrono::milliseconds;

namespace {

using Devices = std::vector<std::shared_ptr<gloo::transport::Device>>;

// One device per interface, else the one that has the address, else the one
// that this machine's name stands for.
Devices devices(const char* interfaces, const char* address) {
  if (interfaces) {
    Devices found;
    std::istringstream names(interfaces);
    for (std::string name; std::getline(names, name, ',');)
      found.push_back(ProcessGroupGloo::createDeviceForInterface(name));
    return found;
  }
  if (address) return {ProcessGroupGloo::createDeviceForHostname(address)};
  return {ProcessGroupGloo::createDefaultDevice()};
}

c10::intrusive_ptr<c10d::Backend> backend(const Group* group, const Tensor& tensor) {
  TORCH_CHECK(tensor.device().is_cpu(), "Gloo is for tensors on the CPU, not ", tensor.device());
  return group->group->getBackend(c10::DeviceType::CPU);
}

// Has `operation` work on the tensor's memory, or on a copy of a tensor with gaps.
template <typename Operation>
void in_place(const Group* group, Tensor& tensor, Operation operation) {
  at::NoGradGuard no_grad;
  Tensor dense = tensor.detach().contiguous();
  std::vector<Tensor> tensors{dense};
  operation(*backend(group, tensor), tensors)->wait();
  if (!dense.is_alias_of(tensor)) tensor.copy_(dense);
}

}  // namespace

extern "C" {

// Connects `size` ranks with each other within `join_ms`. Later operations have
// `operation_ms` each. `interfaces` (names with commas) and `address` may be
// null. `*joined` belongs to the caller.
const char* shoebox_group_join(Store* store, int32_t rank, int32_t size, const char* interfaces,
                               const char* address, int64_t join_ms, int64_t operation_ms,
                               Group** joined) {
  return guarded([&] {
    auto options = ProcessGroupGloo::Options::create(milliseconds(join_ms));
    options->devices = devices(interfaces, address);
    options->threads = 2 * static_cast<int>(options->devices.size());
    auto gloo = c10::make_intrusive<ProcessGroupGloo>(store->store, rank, size, options);
    gloo->setTimeout(milliseconds(operation_ms));
    auto group = c10::make_intrusive<c10d::ProcessGroup>(store->store, rank, size);
    group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO,
                      c10::intrusive_ptr<c10d::Backend>(gloo));
    group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
    group->setGroupName("shoebox");
    *joined = new Group{group};
  });
}

// Waits for operations that are under way, each of which has its timeout.
void shoebox_group_leave(Group* group) noexcept { delete group; }

const char* shoebox_group_all_reduce(Group* group, Tensor* tensor) {
  return guarded([&] {
    in_place(group, *tensor, [](auto& backend, auto& tensors) { return backend.allreduce(tensors); });
  });
}

const char* shoebox_group_broadcast(Group* group, Tensor* tensor, int32_t root) {
  return guarded([&] {
    c10d::BroadcastOptions options;
    options.rootRank = root;
    in_place(group, *tensor,
             [&](auto& backend, auto& tensors) { return backend.broadcast(tensors, options); });
  });
}

// Stores each rank's `input` [N] in a row of `output` [size,N].
const char* shoebox_group_all_gather(Group* group, Tensor* input, Tensor* output) {
  return guarded([&] {
    std::vector<std::vector<Tensor>> rows{output->unbind(0)};
    std::vector<Tensor> inputs{*input};
    backend(group, *input)->allgather(rows, inputs)->wait();
  });
}

const char* shoebox_group_barrier(Group* group) {
  return guarded([&] { group->group->getBackend(c10::DeviceType::CPU)->barrier()->wait(); });
}
}
