//! The forward pass against Keras's, whose numbers are in `fixtures/`.

use shoebox_model::{Mode, Network};
use shoebox_spec::{Kernels, Layer, LayerPlan, Shape, infer};
use shoebox_tests::{Fixture, relative_difference};
use tch::{Device, Tensor, no_grad};

/// The network of `layers` for inputs shaped like `input` `[N,H,W,C]`, with
/// the fixture's weights below `prefix`.
fn network(
    fixture: &Fixture,
    prefix: &str,
    layers: &[Layer],
    input: &Tensor,
    kernels: Kernels,
) -> Network {
    let size = input.size();
    let [height, width, channels] = [1, 2, 3].map(|axis| size[axis] as u32);
    let plan: Vec<LayerPlan> =
        infer(layers, Shape::Image { height, width, channels }, Some(2)).expect(prefix);
    let network = Network::new(&plan, [0.0; 3], [1.0; 3], Device::Cpu, kernels).expect(prefix);
    network.copy_from(|name| fixture.find(&format!("{prefix}{name}"))).expect(prefix);
    network
}

/// Images back in Keras's order of axes.
fn channels_last(output: Tensor) -> Tensor {
    if output.dim() == 4 { output.permute([0, 2, 3, 1]).contiguous() } else { output }
}

#[test]
fn logits_of_the_tutorials_layers_equal_keras_to_1e_4() {
    let fixture = Fixture::read("keras_forward");
    let input = fixture.tensor("input");
    let layers = fixture.json::<Vec<Layer>>("layers");
    for kernels in [Kernels::Plain, Kernels::Auto] {
        let network = network(&fixture, "", &layers, input, kernels);
        let logits = no_grad(|| network.forward(input, Mode::Evaluate)).unwrap();
        let difference = relative_difference(&logits, fixture.tensor("output"));
        println!("{kernels:?}: largest difference {difference:.1e}");
        assert!(difference < 1e-4, "{kernels:?}: {difference}");
    }
}

#[test]
fn every_other_layer_equals_keras_to_1e_5() {
    let fixture = Fixture::read("keras_layers");
    assert!(fixture.cases().len() > 20);
    for case in fixture.cases() {
        let input = fixture.tensor(&format!("{case}.input"));
        let layers = fixture.json::<Vec<Layer>>(&format!("{case}.layers"));
        let network = network(&fixture, &format!("{case}."), &layers, input, Kernels::Plain);
        let mode = if case == "batch_norm_training" { Mode::Train } else { Mode::Evaluate };
        let output = channels_last(no_grad(|| network.forward(input, mode)).unwrap());
        let difference = relative_difference(&output, fixture.tensor(&format!("{case}.output")));
        println!("{case}: largest difference {difference:.1e}");
        assert!(difference < 1e-5, "{case}: {difference}");
        for parameter in network.parameters() {
            if let Some(after) = fixture.find(&format!("{case}.after.{}", parameter.name)) {
                let difference = relative_difference(&parameter.tensor, after);
                assert!(
                    difference < 1e-6,
                    "{case}: {} moved wrongly, by {difference}",
                    parameter.name
                );
            }
        }
    }
}
