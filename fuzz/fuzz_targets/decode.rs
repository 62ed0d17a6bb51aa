//! Any bytes as a picture file: decoded within its limits or refused, and a
//! file that needs no repair is the same under either policy.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shoebox_prep::{DecodeError, Facts, Notes, Recipe, Rgb, decode};
use shoebox_spec::{Limits, Resize, Truncated};

const LIMITS: Limits = Limits { pixels: 1 << 20, bytes: 8 << 20 };

fn try_decode(bytes: &[u8], truncated: Truncated) -> Result<(Rgb, Facts), DecodeError> {
    let recipe =
        Recipe { image_size: [8, 8], resize: Resize::default(), truncated, limits: LIMITS };
    let decoded = decode(bytes, &recipe);
    if let Ok((rgb, facts)) = &decoded {
        assert_eq!((rgb.width, rgb.height), (facts.width, facts.height));
        let pixels = u64::from(rgb.width) * u64::from(rgb.height);
        assert!((1..=LIMITS.pixels).contains(&pixels));
        assert_eq!(rgb.pixels.len() as u64, pixels * 3);
    }
    decoded
}

fuzz_target!(|bytes: &[u8]| {
    let refusing = try_decode(bytes, Truncated::Refuse);
    let repairing = try_decode(bytes, Truncated::Repair);
    match (refusing, repairing) {
        (Ok((whole, facts)), repairing) => {
            let (same, notes) = repairing.map(|(rgb, facts)| (rgb, facts.notes)).unwrap();
            assert!(whole == same && facts.notes == notes && !notes.has(Notes::REPAIRED));
        }
        (Err(_), Ok((_, facts))) => assert!(facts.notes.has(Notes::REPAIRED)),
        (Err(_), Err(_)) => {}
    }
});
