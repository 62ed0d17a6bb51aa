// How this crate's functions answer Rust: null, or the message of the
// exception that they caught, which is valid until the thread's next call.
#pragma once
#include <exception>
#include <string>

namespace shoebox {

template <typename Body>
const char* guarded(Body body) noexcept {
  static thread_local std::string last_error;
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    last_error = error.what();
    // libtorch appends a C++ backtrace, which tells a user nothing.
    last_error = last_error.substr(0, last_error.find("\nException raised from"));
  } catch (...) {
    last_error = "unknown C++ exception";
  }
  return last_error.c_str();
}

}  // namespace shoebox
