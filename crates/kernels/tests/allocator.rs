//! Memory for large tensors is kept, whole, between steps.

use shoebox_kernels::allocator::keep_pages;
use tch::{Device, Kind, Tensor};

const HUGE_PAGE: usize = 2 << 20;

fn megabytes(count: i64) -> Tensor {
    Tensor::empty([count << 20], (Kind::Uint8, Device::Cpu))
}

fn address(tensor: &Tensor) -> usize {
    tensor.data_ptr() as usize
}

/// One test, since the allocator is the process's.
#[test]
fn large_tensors_get_whole_blocks_back() {
    let before = Tensor::ones([8 << 20], (Kind::Uint8, Device::Cpu));
    keep_pages();
    drop(before); // the C library's, though it is freed by now

    let [first, second] = [megabytes(40), megabytes(12)];
    let (forty, twelve) = (address(&first), address(&second));
    assert_eq!([forty % HUGE_PAGE, twelve % HUGE_PAGE], [0, 0]);
    drop((first, second));
    // A smaller one does not cut the block of 40 MB.
    let [small, large] = [megabytes(11), megabytes(39)];
    assert_eq!([address(&small), address(&large)], [twelve, forty]);
    // Nor does one of less than half take it when it is free.
    drop(large);
    let other = megabytes(17);
    assert_ne!(address(&other), forty);
    assert_eq!(address(&megabytes(20)), forty);

    // Freed on another thread, and found again on this one.
    std::thread::spawn(move || drop(small)).join().expect("nothing there can fail");
    assert_eq!(address(&megabytes(12)), twelve);

    // Growing and copying keep the values, whosever memory they pass through.
    let mut grown = Tensor::arange(1 << 18, (Kind::Int, Device::Cpu)); // 1 MB
    for _ in 0..4 {
        grown = Tensor::cat(&[&grown, &grown], 0);
    }
    let sum = grown.sum(Kind::Int64).int64_value(&[]);
    assert_eq!(sum, 16 * ((1 << 18) - 1) * (1 << 17));

    // More than there can be is an error in libtorch's words, and no harm.
    let error = Tensor::f_empty([1 << 50], (Kind::Uint8, Device::Cpu));
    let text = error.expect_err("no machine has a petabyte").to_string();
    assert!(text.contains("can't allocate memory"), "{text}");
    assert_eq!(address(&megabytes(12)) % HUGE_PAGE, 0);
}
