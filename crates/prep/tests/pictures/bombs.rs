//! Small files that claim to be huge: each is refused, or decoded within a
//! stated amount of memory, as measured in a process of its own.

use crate::{REPAIRING, encode, fixtures};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use shoebox_artifact::atomic;
use shoebox_prep::{Recipe, decode, decode::PEAK_FACTOR};
use shoebox_spec::Limits;
use std::{env, fs, path::Path, process::Command};

const MIB: u64 = 1 << 20;

/// What the pictures here may cost.
const LIMITS: Limits = Limits { pixels: 8 << 20, bytes: 24 * MIB };

/// What a process may take besides the picture: its own buffers and the noise
/// of the allocator.
const REST: u64 = 16 * MIB;

/// The variable that tells the process of its own what to decode.
const FILE: &str = "SHOEBOX_TEST_PICTURE";

/// Decodes one file, and says how much memory it has taken. Does nothing
/// unless another test asks for it.
#[test]
fn child_decodes_one_file() {
    let Some(path) = env::var_os(FILE) else { return };
    let bytes = fs::read(path).unwrap();
    let before = peak_bytes();
    let decoded = decode(&bytes, &Recipe { limits: LIMITS, ..REPAIRING });
    let grown = peak_bytes() - before;
    let outcome = decoded.map_or_else(|error| error.to_string(), |_| "decoded".to_owned());
    println!("\nresult: {grown} {outcome}");
}

/// The most memory that this process has had at a time.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    kilobytes.map_or(0, |number| number.trim().parse::<u64>().unwrap() << 10)
}

/// Decodes in a process of its own; its peak, and what came out.
fn measure(path: &Path) -> (u64, String) {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "bombs::child_decodes_one_file", "--nocapture"]).env(FILE, path);
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {printed}", path.display());
    let line = printed.lines().find_map(|line| line.strip_prefix("result: ")).unwrap();
    let (grown, outcome) = line.split_once(' ').unwrap();
    println!("{}: {} MiB, {outcome}", path.display(), grown.parse::<u64>().unwrap() / MIB);
    (grown.parse().unwrap(), outcome.to_owned())
}

/// Writes a file and measures it.
fn measure_bytes(name: &str, bytes: &[u8]) -> (u64, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    atomic::write(&path, bytes).unwrap();
    measure(&path)
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixtures("odd").join(name)).unwrap()
}

/// The bytes with others from `start` on.
fn patch(mut bytes: Vec<u8>, start: usize, patch: &[u8]) -> Vec<u8> {
    bytes[start..start + patch.len()].copy_from_slice(patch);
    bytes
}

fn find(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).unwrap()
}

/// A PNG whose header has another size, with a checksum to match.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let bytes = patch(fixture("png_alpha.png"), 16, &sides);
    let checksum = crc32(&bytes[12..29]).to_be_bytes();
    patch(bytes, 29, &checksum)
}

/// ISO 3309, as PNG uses it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// A JPEG whose frame has another size.
fn jpeg_claiming(name: &str, marker: u8, side: u16) -> Vec<u8> {
    let bytes = fixture(name);
    let frame = find(&bytes, &[0xFF, marker, 0]);
    patch(bytes, frame + 5, &[side.to_be_bytes(), side.to_be_bytes()].concat())
}

/// A TIFF in which an entry of the directory has another value.
fn tiff_with(name: &str, entries: &[(u16, u32)]) -> Vec<u8> {
    entries.iter().fold(fixture(name), |bytes, &(tag, value)| {
        let entry = (find_directory(&bytes)..).step_by(12);
        let at = entry.take(40).find(|&at| bytes[at..at + 2] == tag.to_le_bytes()).unwrap();
        // A single value of four bytes.
        let changed = [&4u16.to_le_bytes()[..], &1u32.to_le_bytes(), &value.to_le_bytes()].concat();
        patch(bytes, at + 2, &changed)
    })
}

fn find_directory(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize + 2
}

/// A WebP whose canvas or picture claims 16,383² pixels.
fn webp_claiming() -> Vec<u8> {
    let bytes = fixture("webp_lossless.webp");
    let stream = find(&bytes, b"VP8L") + 9;
    // 14 bits of width − 1, 14 bits of height − 1, and the picture goes on.
    let high = bytes[stream + 3] & 0xF0;
    patch(bytes, stream, &[0xFE, 0xBF, 0xFF, high | 0x0F])
}

#[test]
fn headers_that_claim_the_impossible_cost_nothing() {
    let side = 30_000u32.to_le_bytes();
    let webp = fixture("webp_lossy.webp");
    let frame = find(&webp, &[0x9D, 0x01, 0x2A]) + 3;
    let most = u16::MAX.to_le_bytes();
    let bombs = [
        ("1.png", png_claiming(0x7FFF_FFFF, 0x7FFF_FFFF)),
        ("2.png", png_claiming(30_000, 30_000)),
        ("3.gif", patch(fixture("gif_plain.gif"), 6, &[most, most].concat())),
        ("4.bmp", patch(fixture("bmp_24_bit.bmp"), 18, &[side, side].concat())),
        (
            "5.bmp",
            patch(
                fixture("bmp_palette.bmp"),
                18,
                &[0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F],
            ),
        ),
        ("6.jpg", jpeg_claiming("jpeg_trailing_bytes.jpg", 0xC0, u16::MAX)),
        ("7.jpg", jpeg_claiming("jpeg_progressive.jpg", 0xC2, u16::MAX)),
        ("8.tif", tiff_with("tiff_lzw.tif", &[(0x100, u32::MAX), (0x101, u32::MAX)])),
        ("9.webp", webp_claiming()),
        ("10.webp", patch(webp, frame, &[0xFF, 0x3F, 0xFF, 0x3F])),
    ];
    for (name, bytes) in bombs {
        let (grown, outcome) = measure_bytes(name, &bytes);
        let named = outcome.starts_with("too large: it claims");
        // The sizes in this TIFF contradict each other, which is seen first.
        assert!(named || name == "8.tif", "{name}: {outcome}");
        assert_ne!(outcome, "decoded", "{name}");
        assert!(grown < REST, "{name}: {grown} bytes to say `{outcome}`");
    }
}

/// The size is one that may be decoded, and the file holds next to nothing.
#[test]
fn headers_that_claim_the_possible_stay_within_the_limits() {
    let side = 2_800u32;
    let sides = (side as u16).to_le_bytes();
    let progressive = jpeg_claiming("jpeg_progressive.jpg", 0xC2, side as u16);
    let bombs = [
        ("1.png", png_claiming(side, side / 2)),
        ("2.gif", patch(fixture("gif_plain.gif"), 6, &[sides, (1_400u16).to_le_bytes()].concat())),
        (
            "3.bmp",
            patch(
                fixture("bmp_24_bit.bmp"),
                18,
                &[side.to_le_bytes(), side.to_le_bytes()].concat(),
            ),
        ),
        ("4.jpg", jpeg_claiming("jpeg_trailing_bytes.jpg", 0xC0, side as u16)),
        ("5.jpg", jpeg_claiming("jpeg_cmyk_plain.jpg", 0xC0, 2_500)),
        ("6.jpg", progressive[..progressive.len() - 2].to_vec()),
        ("7.jpg", progressive),
        ("8.tif", tiff_with("tiff_lzw.tif", &[(0x100, side), (0x101, side)])),
        ("9.tif", tiff_with("tiff_lzw.tif", &[(0x117, u32::MAX)])),
        ("10.tif", tiff_with("tiff_deflate.tif", &[(0x100, side), (0x101, side), (0x116, side)])),
    ];
    for (name, bytes) in bombs {
        let (grown, outcome) = measure_bytes(name, &bytes);
        assert!(grown < PEAK_FACTOR * LIMITS.bytes + REST, "{name}: {grown} bytes, {outcome}");
    }
}

/// The canvas of a WebP is small, and the picture on it claims to be huge.
#[test]
fn a_picture_inside_of_a_webp_is_held_to_the_limits() {
    let bytes = fixture("webp_lossy_extended.webp");
    let frame = find(&bytes, &[0x9D, 0x01, 0x2A]) + 3;
    let bytes = patch(bytes, frame, &[0xFF, 0x3F, 0xFF, 0x3F]);
    let (grown, outcome) = measure_bytes("1.webp", &bytes);
    assert!(outcome.contains("too large: it claims 16383×16383 pixels"), "{outcome}");
    assert!(grown < REST, "{grown} bytes");
}

/// A strip of a TIFF is a JPEG that claims more than the TIFF does.
#[test]
fn a_jpeg_inside_of_a_tiff_is_held_to_the_limits() {
    let bytes = fixture("tiff_jpeg.tif");
    let frame = find(&bytes, &[0xFF, 0xC0, 0, 17]);
    let (grown, outcome) =
        measure_bytes("1.tif", &patch(bytes, frame + 5, &[0x3F, 0xFF, 0x3F, 0xFF]));
    assert!(outcome.contains("too large: it claims 16383×16383 pixels"), "{outcome}");
    assert!(grown < REST, "{grown} bytes");
}

/// Millions of pixels of one colour are a few thousand bytes in some formats.
#[test]
fn pictures_at_the_limit_are_decoded_within_the_stated_memory() {
    let grey: DynamicImage = GrayImage::new(2_896, 2_896).into();
    let colour: DynamicImage = RgbImage::new(2_896, 2_896).into();
    let deep: DynamicImage = RgbImage::new(1_700, 1_700).into();
    let pictures = [
        ("grey.png", encode(&grey, ImageFormat::Png)),
        ("colour.png", encode(&colour, ImageFormat::Png)),
        ("deep.png", encode(&deep.to_rgba16().into(), ImageFormat::Png)),
        ("colour.webp", encode(&colour, ImageFormat::WebP)),
        ("deep.gif", encode(&deep, ImageFormat::Gif)),
        ("colour.jpg", encode(&colour, ImageFormat::Jpeg)),
        ("grey.jpg", encode(&grey, ImageFormat::Jpeg)),
        ("deep.tif", encode(&deep.to_rgba16().into(), ImageFormat::Tiff)),
    ];
    for (name, bytes) in pictures {
        let (grown, outcome) = measure_bytes(name, &bytes);
        assert_eq!(outcome, "decoded", "{name}");
        assert!(grown < PEAK_FACTOR * LIMITS.bytes + REST, "{name}: {grown} bytes");
        if cfg!(target_os = "linux") {
            assert!(grown > 8 * MIB, "{name}: {grown} bytes are too few to be true");
        }
    }
}

#[test]
fn a_bomb_of_900_million_zeros_is_refused_by_its_header() {
    // 30,000 rows of zeros, which deflate packs a thousandfold.
    let (grown, outcome) = measure_bytes("bomb.png", &png_claiming(30_000, 30_000));
    assert!(outcome.contains("30000×30000 pixels, 900000000 in all"), "{outcome}");
    assert!(grown < REST, "{grown} bytes");
}
