use crate::face::{self, StoreHandle, c_text, check};
use std::{ptr, time::Duration};

/// c10d's key-value store, of which one process of a job is the server.
#[derive(Debug)]
pub(crate) struct Store(*mut StoreHandle);

/// A time for c10d, for which 0 ms would mean none.
pub(crate) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).clamp(1, i64::from(i32::MAX))
}

impl Store {
    /// Serves a store at `port`, or opens the one at `host`, waiting for it.
    /// Keys get the prefix.
    pub fn open(
        host: &str,
        port: u16,
        serves: bool,
        prefix: &str,
        timeout: Duration,
    ) -> Result<Self, String> {
        let (host, prefix) = (c_text(host), c_text(prefix));
        let mut store = ptr::null_mut();
        let timeout = milliseconds(timeout);
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the texts and `store` outlive the call, which copies them.
        let error = unsafe {
            let (host, prefix) = (host.as_ptr(), prefix.as_ptr());
            face::shoebox_store_open(host, port, serves, prefix, timeout, &mut store)
        };
        check(error)?;
        Ok(Self(store))
    }

    pub fn set(&self, key: &str, value: &str) -> Result<(), String> {
        let (key, value) = (c_text(key), c_text(value));
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the store is open until it is dropped; the texts outlive the call.
        check(unsafe { face::shoebox_store_set(self.0, key.as_ptr(), value.as_ptr()) })
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> Result<bool, String> {
        let key = c_text(key);
        let mut has = false;
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the store is open until it is dropped; key and answer outlive the call.
        check(unsafe { face::shoebox_store_has(self.0, key.as_ptr(), &mut has) })?;
        Ok(has)
    }

    /// The key's value, for which it waits.
    pub fn get(&self, key: &str, timeout: Duration) -> Result<String, String> {
        let key = c_text(key);
        let mut value = ptr::null();
        let timeout = milliseconds(timeout);
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: the store is open until it is dropped; key and answer outlive the call.
        check(unsafe { face::shoebox_store_get(self.0, key.as_ptr(), timeout, &mut value) })?;
        Ok(face::text(value).unwrap_or_default())
    }

    /// For the face's functions, while this store lives.
    pub fn handle(&self) -> *mut StoreHandle {
        self.0
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "the C++ face of this crate")]
        // SAFETY: made by `open`, and freed here alone. A group that still uses
        // the store counts its own reference.
        unsafe {
            face::shoebox_store_close(self.0);
        }
    }
}
