// The key-value store by which the ranks of a job find each other.
#include <c10/util/Logging.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "face.h"
#include "handles.h"

using shoebox::guarded;
using shoebox::Store;
using std::chrono::milliseconds;

namespace {

// While it lives c10d prints nothing, unless a user wants to read along
// (TORCH_CPP_LOG_LEVEL): what goes wrong comes back as an error, and c10d would
// print it as well, several times and with its stack.
struct Quiet {
  const int before = FLAGS_caffe2_log_level;
  Quiet() {
    if (!std::getenv("TORCH_CPP_LOG_LEVEL")) FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  }
  ~Quiet() { FLAGS_caffe2_log_level = before; }
};

}  // namespace

extern "C" {

// Serves a store at `port` and opens it, or only opens one that another process
// serves, for which it tries until `timeout_ms` have passed. All keys get the
// prefix. `*opened` belongs to the caller.
const char* shoebox_store_open(const char* host, uint16_t port, bool serves, const char* prefix,
                               int64_t timeout_ms, Store** opened) {
  return guarded([&] {
    const Quiet quiet;
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = serves;
    // Who is missing is found out by keys, which tell their names.
    options.waitWorkers = false;
    options.timeout = milliseconds(timeout_ms);
    auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
    *opened = new Store{c10::make_intrusive<c10d::PrefixStore>(prefix, store)};
  });
}

void shoebox_store_close(Store* store) noexcept { delete store; }

const char* shoebox_store_set(Store* store, const char* key, const char* value) {
  return guarded([&] {
    const std::string bytes = value;
    store->store->set(key, std::vector<uint8_t>(bytes.begin(), bytes.end()));
  });
}

const char* shoebox_store_has(Store* store, const char* key, bool* has) {
  return guarded([&] { *has = store->store->check({key}); });
}

// Waits for the key and stores its value, a text that is valid until the
// thread's next call.
const char* shoebox_store_get(Store* store, const char* key, int64_t timeout_ms,
                              const char** value) {
  return guarded([&] {
    const Quiet quiet;
    static thread_local std::string text;
    store->store->wait({key}, milliseconds(timeout_ms));
    const std::vector<uint8_t> bytes = store->store->get(key);
    text.assign(bytes.begin(), bytes.end());
    *value = text.c_str();
  });
}
}
