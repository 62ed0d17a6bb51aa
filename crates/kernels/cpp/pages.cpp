// Memory for large tensors, kept between steps in blocks that are never cut.
//
// A training step asks for the same sizes over and over. Fresh pages cost a
// fault each; a heap that keeps them cuts a freed block for the next smaller
// request, and grows when the first size is asked for again.
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_map>

namespace {

constexpr size_t huge_page = size_t{2} << 20;
constexpr size_t smallest = 2 * huge_page;  // less is left to the C library
// A free block that so many requests have passed by is given back.
constexpr uint64_t patience = 4096;

constexpr size_t whole_pages(size_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

bool on_huge_page(const void* address) { return reinterpret_cast<uintptr_t>(address) % huge_page == 0; }

// `bytes` of zeros at the start of a huge page, or null.
void* map_pages(size_t bytes) {
  const size_t reserved = bytes + huge_page;
  void* start = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  const auto address = reinterpret_cast<uintptr_t>(start);
  const size_t before = whole_pages(address) - address, after = huge_page - before;
  char* block = static_cast<char*>(start) + before;
  if (before) munmap(start, before);
  if (after) munmap(block + bytes, after);
#if defined(MADV_HUGEPAGE)
  madvise(block, bytes, MADV_HUGEPAGE);  // a wish: without it pages are small
#endif
  return block;
}

class Pages final : public c10::Allocator {
 public:
  at::DataPtr allocate(size_t bytes) override {
    void* data = bytes < smallest ? take_small(bytes) : take(whole_pages(bytes));
    return {data, data, &give_back, at::Device(at::DeviceType::CPU)};
  }

  at::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

  // The one there is. It outlives every tensor, static ones included.
  static Pages& one() {
    static Pages* pages = new Pages;
    return *pages;
  }

 private:
  struct Free {
    void* block;
    uint64_t since;  // the number of requests before
  };

  // From the C library, which gets what is free here if it has no more.
  void* take_small(size_t bytes) {
    try {
      return c10::alloc_cpu(bytes);
    } catch (const c10::Error&) {
      const std::lock_guard guard(lock_);
      release(0);
    }
    return c10::alloc_cpu(bytes);
  }

  void* take(size_t bytes) {
    const std::lock_guard guard(lock_);
    requests_ += 1;
    if (requests_ % patience == 0) release(patience);
    const auto fit = free_.lower_bound(bytes);
    if (fit != free_.end() && fit->first <= 2 * bytes) {
      void* block = fit->second.block;
      use(block, fit->first);
      free_bytes_ -= fit->first;
      free_.erase(fit);
      return block;
    }
    // Sizes that never come again leave no more behind than was ever used.
    if (free_bytes_ > most_used_bytes_) release(0);
    void* block = map_pages(bytes);
    if (!block) {
      release(0);
      block = map_pages(bytes);
    }
    TORCH_CHECK(block, "can't allocate memory: you tried to allocate ", bytes, " bytes");
    use(block, bytes);
    return block;
  }

  void use(void* block, size_t bytes) {
    used_.emplace(block, bytes);
    used_bytes_ += bytes;
    most_used_bytes_ = std::max(most_used_bytes_, used_bytes_);
  }

  // Unmaps the free blocks that at least so many requests have passed by.
  void release(uint64_t passed_by) {
    for (auto at = free_.begin(); at != free_.end();) {
      if (requests_ - at->second.since < passed_by) {
        ++at;
        continue;
      }
      munmap(at->second.block, at->first);
      free_bytes_ -= at->first;
      at = free_.erase(at);
    }
  }

  static void give_back(void* data) {
    if (!data || !on_huge_page(data) || !one().keep(data)) c10::free_cpu(data);
  }

  // Whether the block is one of these; it is free from then on.
  bool keep(void* block) {
    const std::lock_guard guard(lock_);
    const auto found = used_.find(block);
    if (found == used_.end()) return false;
    free_.emplace(found->second, Free{block, requests_});
    free_bytes_ += found->second;
    used_bytes_ -= found->second;
    used_.erase(found);
    return true;
  }

  std::mutex lock_;
  std::multimap<size_t, Free> free_;
  std::unordered_map<void*, size_t> used_;
  size_t free_bytes_ = 0, used_bytes_ = 0, most_used_bytes_ = 0;
  uint64_t requests_ = 0;
};

}  // namespace

extern "C" void shoebox_keep_pages() noexcept { c10::SetCPUAllocator(&Pages::one(), 1); }
