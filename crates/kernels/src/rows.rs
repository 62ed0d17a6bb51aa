//! Rows of bytes as one tensor.

use crate::error::{KernelError, check};
use std::ffi::c_char;
use tch::Tensor;
use torch_sys::C_tensor;

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    fn shoebox_empty_bytes(
        shape: *const i64,
        dimensions: usize,
        pinned: bool,
        output: *mut *mut C_tensor,
    ) -> *const c_char;
}

/// A u8 tensor `[B, …shape]` in the CPU's memory, filled with B `rows` of as
/// many bytes as `shape` has: each byte is copied once. `pinned` memory can be
/// copied to a CUDA device while the CPU goes on.
///
/// # Errors
/// [`KernelError`] when there is no room, or for pinned memory without CUDA.
///
/// # Panics
/// When a row has another length.
pub fn stack_rows(rows: &[&[u8]], shape: &[i64], pinned: bool) -> Result<Tensor, KernelError> {
    let length = shape.iter().product::<i64>() as usize;
    assert!(rows.iter().all(|row| row.len() == length), "every row has {length} bytes");
    let shape: Vec<i64> = std::iter::once(rows.len() as i64).chain(shape.iter().copied()).collect();
    let mut output = std::ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: `shape` has as many numbers as are said, and `output` outlives the call.
    let error = unsafe { shoebox_empty_bytes(shape.as_ptr(), shape.len(), pinned, &mut output) };
    check(error)?;
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: without an error C++ has stored a tensor, which is ours now.
    let tensor = unsafe { Tensor::from_ptr(output) };
    let start = tensor.data_ptr().cast::<u8>();
    for (index, row) in rows.iter().enumerate() {
        #[expect(unsafe_code, reason = "filling memory that has never been written to")]
        // SAFETY: the tensor is contiguous, `rows.len() · length` bytes long,
        // and nobody else knows it yet; `row` has `length` bytes, as asserted.
        // A tensor that C++ made any smaller would break this.
        unsafe {
            std::ptr::copy_nonoverlapping(row.as_ptr(), start.add(index * length), length);
        }
    }
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn rows_lie_one_below_the_other() {
        let rows: [&[u8]; 3] = [&[1, 2, 3, 4], &[5, 6, 7, 8], &[255, 0, 9, 10]];
        let tensor = stack_rows(&rows, &[2, 2], false).unwrap();
        assert_eq!((tensor.size(), tensor.kind()), (vec![3, 2, 2], Kind::Uint8));
        let bytes = Vec::<i64>::try_from(tensor.flatten(0, -1)).unwrap();
        assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 255, 0, 9, 10]);
        assert_eq!(stack_rows(&[], &[2, 2], false).unwrap().size(), [0, 2, 2]);
    }

    #[test]
    #[should_panic(expected = "every row has 4 bytes")]
    fn a_row_of_another_length_is_no_row() {
        let _ = stack_rows(&[&[1, 2, 3]], &[2, 2], false);
    }
}
