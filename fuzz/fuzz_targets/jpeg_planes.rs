//! Any bytes as a baseline JPEG: planes of the size that is said, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shoebox_jpeg::{Decoder, Wanted};
use std::cell::RefCell;

const MOST_PIXELS: u32 = 1 << 20;

thread_local! {
    // One decoder for all files, since what one leaves must not reach the next.
    static DECODER: RefCell<Decoder> = RefCell::new(Decoder::new());
}

fuzz_target!(|bytes: &[u8]| {
    // The first byte says how small the planes may be.
    let [shrink, ref file @ ..] = *bytes else { return };
    DECODER.with_borrow_mut(|decoder| {
        let decoded = decoder.decode(file, |header| {
            let side = |side: u32| side >> (shrink & 7);
            let luma = [side(header.height), side(header.width)];
            let chroma = luma.map(|side| side >> (shrink >> 3 & 3));
            let fits = u64::from(header.width) * u64::from(header.height) <= MOST_PIXELS.into();
            fits.then_some(Wanted { luma, chroma })
        });
        for plane in decoded.iter().flat_map(|picture| picture.planes()) {
            assert!(plane.width > 0 && plane.height > 0);
            assert_eq!(plane.samples.len(), plane.width * plane.height);
        }
    });
});
