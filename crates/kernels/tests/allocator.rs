//! Memory for large tensors is kept, whole, between steps.

use shoebox_kernels::allocator::keep_pages;
use tch::{Device, Kind, Tensor};

const HUGE_PAGE: usize = 2 << 20;
const BYTES: (Kind, Device) = (Kind::Uint8, Device::Cpu);

fn megabytes(count: i64) -> Tensor {
    Tensor::empty([count << 20], BYTES)
}

fn address(tensor: &Tensor) -> usize {
    tensor.data_ptr() as usize
}

/// Of this process's memory, those that are nobody's file and lie on whole
/// huge pages of their own.
fn mapped_megabytes() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux shows it");
    let bytes = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let is_file = words.nth(4).is_some();
        let parse = |text| usize::from_str_radix(text, 16).ok();
        let (start, end) = (parse(start)?, parse(end)?);
        (!is_file && start.is_multiple_of(HUGE_PAGE)).then_some(end - start)
    };
    maps.lines().filter_map(bytes).sum::<usize>() >> 20
}

/// One test, since the allocator is the process's.
#[test]
fn large_tensors_get_whole_blocks_back() {
    let before = Tensor::ones([8 << 20], BYTES);
    keep_pages();
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

    for (mut grown, is_ours) in [(before, false), (Tensor::ones([1 << 20], BYTES), true)] {
        let size = grown.numel() as i64;
        let _ = grown.resize_([100 << 20]); // where the tensor's own allocator finds room
        assert_eq!(grown.narrow(0, 0, size).sum(Kind::Int64).int64_value(&[]), size);
        assert_eq!(address(&grown).is_multiple_of(HUGE_PAGE), is_ours);
    }

    // Sizes that never come again do not pile up.
    for count in (40..4000).step_by(100) {
        drop(megabytes(count));
    }
    assert!(mapped_megabytes() < 3 * 4000, "{} MB", mapped_megabytes());
    // Nor does what nobody has wanted for long.
    drop(megabytes(900));
    for _ in 0..10_000 {
        drop(megabytes(12));
    }
    assert!(mapped_megabytes() < 500, "{} MB", mapped_megabytes());

    // More than there can be is an error in libtorch's words, and no harm.
    let error = Tensor::f_empty([1 << 50], BYTES);
    let text = error.expect_err("no machine has a petabyte").to_string();
    assert!(text.contains("can't allocate memory"), "{text}");
    assert_eq!(address(&megabytes(12)) % HUGE_PAGE, 0);
}
