//! The backbones against torchvision and against EfficientNet-Lite computed
//! from its published tensors, whose logits are in `fixtures/`.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::Artifacts;
use shoebox_model::{Mode, Network, load_backbone};
use shoebox_prep::{Recipe, Workspace, prepare};
use shoebox_spec::{Backbone, Filter, Kernels, Layer, Resize, Shape, plan};
use shoebox_tests::{Fixture, formula_pictures, formula_tensor, relative_difference, workspace};
use std::{collections::BTreeMap, fs};
use tch::{Device, Kind, Tensor, no_grad};

const HEAD: &str = r#"[{"global_average_pool2d": {}}, {"dense": {"units": "classes"}}]"#;

/// The backbone of this name for pictures of `[height, width]`, with the head
/// that its authors gave it.
fn network(
    name: &str,
    weights: &str,
    [height, width]: [u32; 2],
    classes: u32,
) -> (Backbone, Network) {
    let backbone: Backbone =
        serde_json::from_str(&format!(r#"{{"{name}": {{"weights": "{weights}"}}}}"#)).unwrap();
    let head: Vec<Layer> = serde_json::from_str(HEAD).unwrap();
    let input = Shape::Image { height, width, channels: 3 };
    let plan = plan(Some(&backbone), &head, input, Some(classes)).unwrap();
    let (mean, std) = ([0.0; 3], [1.0; 3]);
    let network = Network::new(&plan.layers, mean, std, Device::Cpu, Kernels::Auto).unwrap();
    (backbone, network)
}

/// The name that the authors gave a parameter.
fn published(name: &str, backbone: &Backbone) -> String {
    match name.strip_prefix("model.backbone.") {
        Some(name) => name.to_owned(),
        None => name.replace("model.dense", backbone.family().classifier),
    }
}

#[test]
fn every_backbone_with_weights_of_a_formula_gives_the_logits_of_its_authors_to_1e_4() {
    let fixture = Fixture::read("backbones");
    let size: [u32; 2] = fixture.json("size");
    let pictures = formula_pictures(2, size[0] as usize, size[1] as usize);
    for name in [
        "efficientnet_lite0",
        "efficientnet_lite2",
        "resnet18",
        "resnet34",
        "resnet50",
        "mobilenet_v2",
    ] {
        let (backbone, network) = network(name, "random", size, 10);
        let tensors: BTreeMap<&str, Tensor> = network
            .parameters()
            .iter()
            .map(|parameter| {
                let published = published(&parameter.name, &backbone);
                (parameter.name.as_str(), formula_tensor(&published, &parameter.tensor.size()))
            })
            .collect();
        network.copy_from(|name| tensors.get(name)).unwrap();
        let logits = no_grad(|| network.forward(&pictures, Mode::Evaluate)).unwrap();
        let difference = relative_difference(&logits, fixture.tensor(name));
        println!("{name}: largest difference {difference:.1e}");
        assert!(difference < 1e-4, "{name}: {difference}");
    }
}

#[test]
fn published_weights_give_the_logits_of_their_authors_to_1e_4_on_photographs() {
    let fixture = Fixture::read("backbone_photos");
    let photographs = workspace().join("../shared/data/sneakers/test");
    let artifacts = Artifacts::new(workspace().join("artifacts"));
    let sizes: BTreeMap<String, u32> = fixture.json("sizes");
    for (name, side) in sizes {
        let weights = artifacts.weights(&name);
        if !photographs.is_dir() || !weights.is_file() {
            println!("skipped {name}: needs {} and {}", photographs.display(), weights.display());
            continue;
        }
        let (backbone, network) = network(&name, "imagenet", [side, side], 1000);
        let file = Fixture::open(&weights);
        // The head takes the place of the classifier, which loading leaves out.
        network.copy_from(|name| file.find(&published(name, &backbone))).unwrap();
        load_backbone(&network, &backbone, &artifacts).unwrap();
        let pictures = photos(&fixture.json::<Vec<String>>("photos"), side);
        let sums = pictures.sum_dim_intlist([1i64, 2].as_slice(), false, Kind::Int64);
        assert_eq!(&sums, fixture.tensor(&format!("{name}.sums")), "`prep` makes other pixels");
        let logits = no_grad(|| network.forward(&pictures, Mode::Evaluate)).unwrap();
        let difference = relative_difference(&logits, fixture.tensor(&name));
        println!("{name}: largest difference {difference:.1e}");
        assert!(difference < 1e-4, "{name}: {difference}");
    }
}

/// The photographs as `prep` makes them by default, `[N,side,side,3]` u8.
fn photos(names: &[String], side: u32) -> Tensor {
    let recipe = Recipe::with_defaults([side, side], Resize::Stretch(Filter::Bilinear));
    let folder = workspace().join("../shared/data/sneakers/test");
    let row = |name: &String| {
        let bytes = fs::read(folder.join(name)).unwrap();
        let mut row = vec![0; recipe.row_bytes()];
        prepare(&bytes, &recipe, &mut Workspace::default(), &mut row).unwrap();
        Tensor::from_slice(&row).view([i64::from(side), i64::from(side), 3])
    };
    Tensor::stack(&names.iter().map(row).collect::<Vec<_>>(), 0)
}
