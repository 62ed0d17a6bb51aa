//! Published weights: safetensors files with the names of the networks'
//! own authors, read into the backbone of a network.

use crate::{
    ModelError, Network,
    tensors::{fill, read_all},
};
use shoebox_artifact::{ArtifactError, Artifacts};
use shoebox_spec::{Backbone, Weights};
use std::{fs, io, path::Path};

/// Gives `network`, which was built for `backbone`, the weights that
/// `backbone` names; random ones stay as they were drawn. Two kinds of tensors
/// may be in the file or not, and are not used: those of the classifier, which
/// the head stands for, and `num_batches_tracked`, which counted training steps.
///
/// # Errors
/// [`ModelError::NoWeights`] with the way to get them,
/// [`ModelError::BadWeights`] for a file that is damaged or holds other types,
/// [`ModelError::OtherWeights`] naming every tensor that is missing, extra or
/// misshapen. Nothing is changed then.
pub fn load_backbone(
    network: &Network,
    backbone: &Backbone,
    artifacts: &Artifacts,
) -> Result<(), ModelError> {
    let path = match &backbone.tuning().weights {
        Weights::Random => return Ok(()),
        Weights::Imagenet => artifacts.weights(backbone.name()),
        Weights::File(path) => path.clone(),
    };
    let bytes = read(&path, backbone)?;
    let tensors =
        read_all(&bytes).map_err(|fact| ModelError::BadWeights { path: path.clone(), fact })?;
    let classifier = format!("{}.", backbone.family().classifier);
    let is_unused =
        |name: &str| name.starts_with(&classifier) || name.ends_with(".num_batches_tracked");
    let all = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor));
    let found = all.filter(|(name, _)| !is_unused(name)).collect();
    fill(&network.tensors_below(Network::BACKBONE_PREFIX), &found).map_err(|differences| {
        ModelError::OtherWeights { path, backbone: backbone.name(), differences }
    })
}

fn read(path: &Path, backbone: &Backbone) -> Result<Vec<u8>, ModelError> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            ModelError::NoWeights { path: path.to_owned(), remedy: remedy(backbone) }
        }
        _ => ArtifactError::io(path, "read")(error).into(),
    })
}

/// How to get weights that are not there.
fn remedy(backbone: &Backbone) -> String {
    let by_make = matches!(
        (backbone, &backbone.tuning().weights),
        (Backbone::EfficientnetLite0(_) | Backbone::EfficientnetLite2(_), Weights::Imagenet)
    );
    match by_make {
        true => "run `make weights`".to_owned(),
        false => format!(
            "put a safetensors file of {} with its published tensor names there, or write `weights: random`",
            backbone.name()
        ),
    }
}
