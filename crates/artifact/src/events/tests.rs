//! What is written is read by a reader with a checksum of its own.

use super::*;
use message::{Content, Value};
use prost::Message;

/// CRC-32C bit by bit, from its definition (RFC 3720, appendix B.4).
fn checksum(bytes: &[u8]) -> u32 {
    let fold = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 * (crc & 1)))
    };
    !bytes.iter().fold(!0, fold)
}

/// Takes a checked piece of `length` bytes from `bytes`.
fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (piece, rest) = bytes.split_at(length);
    let (masked, rest) = rest.split_at(4);
    let masked = u32::from_le_bytes(masked.try_into().unwrap());
    assert_eq!(masked.wrapping_sub(0xa282_ead8).rotate_left(15), checksum(piece));
    *bytes = rest;
    piece
}

fn read(path: &Path) -> Vec<Event> {
    let content = fs::read(path).unwrap();
    let (mut bytes, mut events) = (&content[..], Vec::new());
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap());
        events.push(Event::decode(take(&mut bytes, length as usize)).unwrap());
    }
    events
}

fn values(event: &Event) -> &[Value] {
    match &event.what {
        Some(What::Summary(summary)) => &summary.value,
        other => panic!("{other:?}"),
    }
}

/// 3 × 2 pixels of red, green and blue, as far as TensorBoard looks.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0rest";

#[test]
fn the_independent_checksum_is_that_of_the_standard() {
    assert_eq!(checksum(b"123456789"), 0xe306_9283);
}

#[test]
fn scalars_pictures_and_texts_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = EventFile::create(&folder.path().join("train")).unwrap();
    let shown =
        [("loss", Shown::Scalar(0.25)), ("matrix", Shown::Png(PNG)), ("spec", Shown::Text("# é"))];
    file.append(3, &shown).unwrap();
    let events = read(&file.path);
    assert_eq!(events[0].what, Some(What::FileVersion("brain.Event:2".to_owned())));
    assert!((events[1].step, events.len()) == (3, 2) && events[1].wall_time > 1.7e9);
    let [loss, matrix, spec] = values(&events[1]) else { panic!("three values") };
    assert_eq!((&*loss.tag, &loss.content), ("loss", &Some(Content::Simple(0.25))));
    let Some(Content::Image(image)) = &matrix.content else { panic!("a picture") };
    assert_eq!((image.width, image.height, image.colorspace), (3, 2, 3));
    assert_eq!(image.encoded, PNG);
    let Some(Content::Tensor(text)) = &spec.content else { panic!("a text") };
    assert_eq!((text.dtype, &text.strings), (7, &vec!["# é".as_bytes().to_vec()]));
    let plugin = spec.metadata.as_ref().unwrap().plugin.as_ref().unwrap();
    assert_eq!(plugin.name, "text");
}

/// What the package `tensorboard` 2.21.0 writes: `RecordWriter` of its
/// `summary.writer.record_writer`, given the 24 bytes of
/// `Event(wall_time=1.5, file_version="brain.Event:2")`.
#[test]
fn a_record_is_the_one_that_tensorboard_writes() {
    let what = Some(What::FileVersion("brain.Event:2".to_owned()));
    let event = Event { wall_time: 1.5, step: 0, what };
    let written: String = record::framed(&event).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, TENSORBOARDS_RECORD);
}

const TENSORBOARDS_RECORD: &str =
    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c";

#[test]
fn a_file_after_another_has_a_later_name_and_says_where_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let first = EventFile::create(folder.path()).unwrap();
    let mut second = EventFile::create(folder.path()).unwrap();
    second.restart(4).unwrap();
    assert!(first.path < second.path, "{:?} {:?}", first.path, second.path);
    let events = read(&second.path);
    let start = What::SessionLog(SessionLog { status: 1 });
    assert_eq!((events[1].step, &events[1].what), (4, &Some(start)));
}

#[test]
fn a_number_that_is_none_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = EventFile::create(folder.path()).unwrap();
    file.append(1, &[("loss", Shown::Scalar(f64::NAN))]).unwrap();
    let Some(Content::Simple(loss)) = values(&read(&file.path)[1])[0].content else {
        panic!("a number")
    };
    assert!(loss.is_nan());
}

#[test]
fn refuses_a_picture_that_is_no_png() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = EventFile::create(folder.path()).unwrap();
    let error = file.append(1, &[("matrix", Shown::Png(b"GIF89a"))]).unwrap_err().to_string();
    assert!(error.ends_with("a picture is no PNG; train again"), "{error}");
    assert_eq!(read(&file.path).len(), 1);
}
