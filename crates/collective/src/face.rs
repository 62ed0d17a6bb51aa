//! The C++ functions of this crate, and how they answer.

use std::ffi::{CStr, CString, c_char};
use torch_sys::C_tensor;

/// `shoebox::Store`, which only C++ sees into.
#[repr(C)]
pub(crate) struct StoreHandle([u8; 0]);

/// `shoebox::Group`.
#[repr(C)]
pub(crate) struct GroupHandle([u8; 0]);

/// `shoebox::Reducer`.
#[repr(C)]
pub(crate) struct ReducerHandle([u8; 0]);

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    pub fn shoebox_store_open(
        host: *const c_char,
        port: u16,
        serves: bool,
        prefix: *const c_char,
        timeout_ms: i64,
        opened: *mut *mut StoreHandle,
    ) -> *const c_char;
    pub fn shoebox_store_close(store: *mut StoreHandle);
    pub fn shoebox_store_set(
        store: *mut StoreHandle,
        key: *const c_char,
        value: *const c_char,
    ) -> *const c_char;
    pub fn shoebox_store_has(
        store: *mut StoreHandle,
        key: *const c_char,
        has: *mut bool,
    ) -> *const c_char;
    pub fn shoebox_store_get(
        store: *mut StoreHandle,
        key: *const c_char,
        timeout_ms: i64,
        value: *mut *const c_char,
    ) -> *const c_char;
    pub fn shoebox_group_join(
        store: *mut StoreHandle,
        rank: i32,
        size: i32,
        interfaces: *const c_char,
        address: *const c_char,
        join_ms: i64,
        operation_ms: i64,
        joined: *mut *mut GroupHandle,
    ) -> *const c_char;
    pub fn shoebox_group_leave(group: *mut GroupHandle);
    pub fn shoebox_group_all_reduce(
        group: *mut GroupHandle,
        tensor: *mut C_tensor,
    ) -> *const c_char;
    pub fn shoebox_group_broadcast(
        group: *mut GroupHandle,
        tensor: *mut C_tensor,
        root: i32,
    ) -> *const c_char;
    pub fn shoebox_group_all_gather(
        group: *mut GroupHandle,
        input: *const C_tensor,
        output: *mut C_tensor,
    ) -> *const c_char;
    pub fn shoebox_group_barrier(group: *mut GroupHandle) -> *const c_char;
    pub fn shoebox_reducer_new(
        group: *mut GroupHandle,
        parameters: *const *mut C_tensor,
        count: usize,
        bucket_bytes: usize,
        as_float16: bool,
        made: *mut *mut ReducerHandle,
    ) -> *const c_char;
    pub fn shoebox_reducer_free(reducer: *mut ReducerHandle);
    pub fn shoebox_reducer_prepare(reducer: *mut ReducerHandle) -> *const c_char;
    pub fn shoebox_reducer_finish(reducer: *mut ReducerHandle) -> *const c_char;
    pub fn shoebox_reducer_times(
        reducer: *mut ReducerHandle,
        compute: *mut i64,
        reduction: *mut i64,
        overlap: *mut i64,
        bucket_count: *mut usize,
    ) -> *const c_char;
}

/// What the engine said, if it failed.
///
/// `error` is what a function of this face has just answered on this thread.
pub(crate) fn check(error: *const c_char) -> Result<(), String> {
    match text(error) {
        Some(reason) => Err(in_brief(&reason)),
        None => Ok(()),
    }
}

/// A text of C++'s, copied.
pub(crate) fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: not null, so it is a NUL-terminated text that C++ keeps for this
    // thread until its next call.
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_string_lossy().into_owned())
}

/// A text for C++. One with a NUL inside, which no host or key has, ends there.
pub(crate) fn c_text(text: &str) -> CString {
    let text = text.split('\0').next().unwrap_or_default();
    CString::new(text).unwrap_or_default()
}

/// An engine's message without the place in its source that it begins with
/// (`[…/pair.cc:538] `), what it supposes after the fact ("This is typically
/// …"), a backtrace, or anything else after its first line.
pub(crate) fn in_brief(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((place, rest)) if place.contains(".cc:") || place.contains(".cpp:") => rest,
        _ => line,
    };
    let fact = line.split(". This ").next().unwrap_or_default();
    fact.trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::in_brief;

    #[test]
    fn a_message_loses_its_place_and_its_backtrace() {
        for (message, brief) in [
            (
                "[/x/gloo/transport/tcp/pair.cc:538] Connection closed by peer [127.0.0.1]:7. \
                 This is typically caused by a remote worker crashing.",
                "Connection closed by peer [127.0.0.1]:7",
            ),
            ("[1] is no place", "[1] is no place"),
            ("out of memory.\nException raised from f\n#1", "out of memory"),
            ("", ""),
        ] {
            assert_eq!(in_brief(message), brief);
        }
    }
}
