//! Fixtures that other software computed; see `fixtures/README.md`.

use safetensors::{Dtype, SafeTensors};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};
use tch::{Kind, Tensor};

/// A fixture file in memory.
#[derive(Debug)]
pub struct Fixture {
    tensors: BTreeMap<String, Tensor>,
    metadata: HashMap<String, String>,
}

impl Fixture {
    /// Reads `fixtures/<name>.safetensors`.
    ///
    /// # Panics
    /// When the file is not there or not readable.
    pub fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        Self::open(&folder.join(format!("{name}.safetensors")))
    }

    /// Reads any safetensors file.
    ///
    /// # Panics
    /// When the file is not there or not readable.
    pub fn open(path: &Path) -> Self {
        let bytes = fs::read(path).expect("the fixture is there");
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a safetensors file");
        let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
        let tensors = file.tensors().into_iter().map(|(name, view)| {
            let kind = match view.dtype() {
                Dtype::F32 => Kind::Float,
                Dtype::U8 => Kind::Uint8,
                Dtype::I64 => Kind::Int64,
                other => panic!("{name} is of type {other:?}"),
            };
            let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
            (name, Tensor::from_data_size(view.data(), &shape, kind))
        });
        Self {
            tensors: tensors.collect(),
            metadata: metadata.metadata().clone().unwrap_or_default(),
        }
    }

    /// The tensor of this name, where there is one.
    pub fn find(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// The tensor of this name.
    ///
    /// # Panics
    /// When there is none.
    pub fn tensor(&self, name: &str) -> &Tensor {
        self.find(name).unwrap_or_else(|| panic!("the fixture has no tensor {name}"))
    }

    /// A metadata entry, parsed from JSON.
    ///
    /// # Panics
    /// When there is none, or it is of another type.
    pub fn json<T: serde::de::DeserializeOwned>(&self, key: &str) -> T {
        let text =
            self.metadata.get(key).unwrap_or_else(|| panic!("the fixture has no metadata {key}"));
        serde_json::from_str(text).unwrap_or_else(|error| panic!("metadata {key}: {error}"))
    }

    /// The `<case>` of every metadata key `<case>.layers`.
    pub fn cases(&self) -> BTreeSet<&str> {
        self.metadata.keys().filter_map(|key| key.strip_suffix(".layers")).collect()
    }
}

/// The largest difference of two tensors, relative to the largest magnitude
/// of the second (or to 1, where that is smaller).
pub fn relative_difference(found: &Tensor, wanted: &Tensor) -> f64 {
    assert_eq!(found.size(), wanted.size(), "shapes");
    let scale = wanted.abs().max().double_value(&[]).max(1.0);
    (found - wanted).abs().max().double_value(&[]) / scale
}
