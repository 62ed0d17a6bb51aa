//! Checkpoints: safetensors files with one metadata entry, `shoebox`, that
//! holds a [`ModelCard`] as JSON.
//!
//! ```text
//! best.safetensors   model.<layer>.<tensor> … model.backbone.<published name> …
//! last.safetensors   the same, optimizer.<…> …, and the loop's state in the metadata
//! ```

use crate::{
    ModelError,
    network::{Network, plan},
    tensors::{describe, fill, not_safetensors, read_all, write_bytes},
};
use safetensors::{SafeTensors, tensor::Metadata};
use serde::{Deserialize, Serialize};
use shoebox_artifact::{
    ArtifactError,
    atomic::AtomicFile,
    records::{Calibration, parse_versioned},
};
use shoebox_spec::{Backbone, Kernels, Layer, Resize, Tta};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use tch::{Device, Tensor};

/// All that prediction needs beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// Changes when an older reader would misread the checkpoint.
    pub format_version: u32,
    /// Sorted; logit `k` is the class of this position.
    pub class_names: Vec<String>,
    /// Height and width of the network's input, in pixels.
    pub image_size: [u32; 2],
    /// How a picture is brought to `image_size`.
    pub resize: Resize,
    /// Mean of each channel of the training pictures, 0–1.
    pub mean: [f64; 3],
    /// Standard deviation of each channel of the training pictures, 0–1.
    pub std: [f64; 3],
    /// What stands before the layers, as the spec gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backbone: Option<Backbone>,
    /// The network, or its head, as its spec gives it.
    pub layers: Vec<Layer>,
    /// The fingerprint of the cache it was trained on.
    pub cache_fingerprint: String,
    /// The run it comes from.
    pub run: String,
    /// The epoch after which it was taken, from 1.
    pub epoch: u32,
    /// The views of a picture that are classified, unless somebody asks for others.
    #[serde(default, skip_serializing_if = "Tta::is_none")]
    pub tta: Tta,
    /// What was fitted on val after training, in `best.safetensors` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The training loop's state, in `last.safetensors` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loop_state: Option<serde_json::Value>,
}

impl ModelCard {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;
}

/// A tensor by its name in the file.
pub type NamedTensor = (String, Tensor);

/// A checkpoint in memory, its tensors on the CPU.
#[derive(Debug)]
pub struct Checkpoint {
    /// Where it was read from.
    pub path: PathBuf,
    /// What it says about itself.
    pub card: ModelCard,
    /// Every tensor by name.
    pub tensors: BTreeMap<String, Tensor>,
}

/// The one metadata key. One, since their order in the file is not defined,
/// and the same state shall give the same bytes.
const METADATA_KEY: &str = "shoebox";

impl Checkpoint {
    /// Writes the tensors and the card as what is to be at `path`: what happens
    /// to the tensors from now on does not matter, and the file is in its place,
    /// whole, once it is published.
    ///
    /// # Errors
    /// [`ModelError::Artifact`] when the file cannot be written.
    pub fn write(
        path: &Path,
        card: &ModelCard,
        tensors: &[NamedTensor],
    ) -> Result<AtomicFile, ModelError> {
        let mut tensors: Vec<&NamedTensor> = tensors.iter().collect();
        // The widest numbers first, so that each tensor is aligned.
        tensors.sort_by_key(|(name, tensor)| (Reverse(tensor.kind().elt_size_in_bytes()), name));
        let mut file = AtomicFile::create(path)?;
        let mut write = |bytes: &[u8]| -> Result<(), ModelError> {
            Ok(file.write_all(bytes).map_err(ArtifactError::io(path, "write"))?)
        };
        write(&header(path, card, &tensors)?)?;
        tensors.iter().try_for_each(|(_, tensor)| write_bytes(tensor, &mut write))?;
        Ok(file)
    }

    /// Writes the checkpoint into its place again, with the card that it has
    /// now, whole or not at all.
    ///
    /// # Errors
    /// [`ModelError::Artifact`] when the file cannot be written.
    pub fn rewrite(&self) -> Result<(), ModelError> {
        let named = |(name, tensor): (&String, &Tensor)| (name.clone(), tensor.shallow_clone());
        let tensors: Vec<NamedTensor> = self.tensors.iter().map(named).collect();
        Ok(Self::write(&self.path, &self.card, &tensors)?.publish()?)
    }

    /// Reads the checkpoint at `path`.
    ///
    /// # Errors
    /// [`ModelError::BadCheckpoint`] for a file that is not one of ours, is
    /// truncated, or holds other types; [`ArtifactError::Version`] for one of
    /// another format version.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = fs::read(path).map_err(ArtifactError::io(path, "read"))?;
        let bad = |fact: String| ModelError::BadCheckpoint { path: path.to_owned(), fact };
        let (_, metadata) =
            SafeTensors::read_metadata(&bytes).map_err(|error| bad(not_safetensors(error)))?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(METADATA_KEY));
        let text = text
            .ok_or_else(|| bad("a safetensors file, but not a checkpoint of Shoebox".to_owned()))?;
        let remedy = "use the Shoebox that wrote it, or train again";
        let card = parse_versioned(path, text.as_bytes(), ModelCard::FORMAT_VERSION, remedy)?;
        let tensors = read_all(&bytes).map_err(bad)?;
        Ok(Self { path: path.to_owned(), card, tensors })
    }

    /// The network with these weights, on `device`.
    ///
    /// # Errors
    /// [`ModelError::OtherNetwork`] naming every `model.` tensor that is
    /// missing, extra or misshapen.
    pub fn network(&self, device: Device) -> Result<Network, ModelError> {
        let card = &self.card;
        let plan =
            plan(card.backbone.as_ref(), &card.layers, card.image_size, card.class_names.len())?;
        let network = Network::new(&plan.layers, card.mean, card.std, device, Kernels::Auto)?;
        self.restore(&network)?;
        Ok(network)
    }

    /// Copies these weights into `network`. Nothing is copied unless all fit.
    ///
    /// # Errors
    /// [`ModelError::OtherNetwork`] naming every `model.` tensor that is
    /// missing, extra or misshapen.
    pub fn restore(&self, network: &Network) -> Result<(), ModelError> {
        self.copy_into(&network.tensors_below(""), "model.")
    }

    /// Copies every tensor whose name begins with `prefix` into the one of that
    /// name in `own`. Nothing is copied unless all fit.
    ///
    /// # Errors
    /// [`ModelError::OtherNetwork`] naming every such tensor that is missing,
    /// extra or misshapen.
    pub fn copy_to(&self, own: &[NamedTensor], prefix: &str) -> Result<(), ModelError> {
        let own: Vec<_> = own.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        self.copy_into(&own, prefix)
    }

    fn copy_into(&self, own: &[(&str, &Tensor)], prefix: &str) -> Result<(), ModelError> {
        let all = self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor));
        let found = all.filter(|(name, _)| name.starts_with(prefix)).collect();
        fill(own, &found).map_err(|differences| ModelError::OtherNetwork {
            path: self.path.clone(),
            differences,
        })
    }
}

/// What stands before the tensors' bytes: its own length, and as JSON the card
/// and each tensor's type, shape and place, padded so that the bytes are aligned.
fn header(path: &Path, card: &ModelCard, tensors: &[&NamedTensor]) -> Result<Vec<u8>, ModelError> {
    let json = |error: serde_json::Error| ArtifactError::io(path, "write")(error.into());
    let card = serde_json::to_string(card).map_err(json)?;
    let mut end = 0;
    let mut places = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let place = describe(tensor, end)?;
        end = place.data_offsets.1;
        places.push((name.clone(), place));
    }
    let metadata = Metadata::new(Some(HashMap::from([(METADATA_KEY.to_owned(), card)])), places)
        .map_err(|error| ModelError::BadCheckpoint {
            path: path.to_owned(),
            fact: format!("it cannot be put together: {error}"),
        })?;
    let mut text = serde_json::to_vec(&metadata).map_err(json)?;
    text.resize(text.len().next_multiple_of(8), b' ');
    Ok([&(text.len() as u64).to_le_bytes()[..], &text].concat())
}
