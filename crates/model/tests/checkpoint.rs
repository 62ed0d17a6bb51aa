//! What is written is what is read, by Shoebox and by any other reader.

use safetensors::{Dtype, SafeTensors};
use shoebox_artifact::records::Calibration;
use shoebox_model::{Checkpoint, ModelCard};
use shoebox_spec::{Resize, Tta};
use std::fs;
use tch::{Device, Kind, Tensor};

fn card() -> ModelCard {
    ModelCard {
        format_version: ModelCard::FORMAT_VERSION,
        class_names: vec!["a".to_owned(), "ü".to_owned()],
        image_size: [8, 8],
        resize: Resize::default(),
        mean: [0.5; 3],
        std: [0.25; 3],
        backbone: None,
        layers: Vec::new(),
        cache_fingerprint: "0".repeat(64),
        run: "run".to_owned(),
        epoch: 3,
        tta: Tta::None,
        calibration: None,
        loop_state: None,
    }
}

/// Tensors of every type there may be, of no order, and one of several pieces.
fn tensors() -> Vec<(String, Tensor)> {
    let on = |kind| (kind, Device::Cpu);
    let named = |(name, tensor): (&str, Tensor)| (name.to_owned(), tensor);
    [
        ("bytes", Tensor::from_slice(&[1u8, 2, 3])),
        ("large", Tensor::arange(700_001, on(Kind::Float))),
        ("turned", Tensor::arange(12, on(Kind::Float)).view([3, 4]).transpose(0, 1)),
        ("wide", Tensor::from_slice(&[0.1f64, -2.5])),
        ("count", Tensor::from(7i64)),
        ("none", Tensor::empty([0, 4], on(Kind::Float))),
    ]
    .map(named)
    .into()
}

#[test]
fn every_tensor_comes_back_with_its_type_shape_and_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    Checkpoint::write(&path, &card(), &tensors()).unwrap().publish().unwrap();
    let read = Checkpoint::read(&path).unwrap();
    assert_eq!((read.card, read.tensors.len()), (card(), tensors().len()));
    for (name, tensor) in tensors() {
        let found = &read.tensors[&name];
        assert_eq!((found.kind(), found.size()), (tensor.kind(), tensor.size()), "{name}");
        assert!(found.equal(&tensor), "{name}");
    }
}

#[test]
fn another_reader_finds_aligned_tensors_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    Checkpoint::write(&path, &card(), &tensors()).unwrap().publish().unwrap();
    let bytes = fs::read(&path).unwrap();
    let (header, _) = SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header % 8, 0);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    for (name, view) in file.tensors() {
        let place = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
        assert_eq!(place % (view.dtype().bitsize() / 8), 0, "{name}");
    }
    let turned = file.tensor("turned").unwrap();
    assert_eq!((turned.dtype(), turned.shape()), (Dtype::F32, &[4, 3][..]));
    assert_eq!(turned.data()[4..8], 4f32.to_le_bytes(), "row-major, whatever it was before");
}

#[test]
fn the_same_tensors_in_any_order_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    let (mut turned, straight) = (tensors(), tensors());
    turned.reverse();
    for (path, tensors) in [(&one, straight), (&two, turned)] {
        Checkpoint::write(path, &card(), &tensors).unwrap().publish().unwrap();
    }
    assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
}

#[test]
fn another_card_changes_no_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    Checkpoint::write(&path, &card(), &tensors()).unwrap().publish().unwrap();
    let mut read = Checkpoint::read(&path).unwrap();
    let calibration = Calibration { images: 60, temperature: Some(1.25), reject: None };
    read.card.calibration = Some(calibration.clone());
    read.rewrite().unwrap();
    let again = Checkpoint::read(&path).unwrap();
    assert_eq!(again.card, ModelCard { calibration: Some(calibration), ..card() });
    for (name, tensor) in tensors() {
        assert!(again.tensors[&name].equal(&tensor), "{name}");
    }
}
