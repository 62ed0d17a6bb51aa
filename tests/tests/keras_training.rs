//! Training steps against Keras's: from the same weights, with the same
//! batches and dropout off, each step's loss must be Keras's.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_model::{Mode, Network};
use shoebox_spec as spec;
use shoebox_tests::{Fixture, relative_difference};
use shoebox_train::{Schedule, optimizer::Optimizer};
use tch::{Device, Reduction, Tensor};

/// Trains the case below `prefix` and compares every loss and the weights at the end.
fn check(fixture: &Fixture, prefix: &str, kernels: spec::Kernels) {
    let (images, labels) = (fixture.tensor("images"), fixture.tensor("labels"));
    let layers: Vec<spec::Layer> = fixture.json(&format!("{prefix}layers"));
    let schedule = fixture.json(&format!("{prefix}learning_rate"));
    let schedule = Schedule::new(&schedule, 1, 1);
    let rates = fixture.tensor(&format!("{prefix}learning_rate"));
    let wanted = fixture.tensor(&format!("{prefix}loss"));
    let input = spec::Shape::Image {
        height: images.size()[2] as u32,
        width: images.size()[3] as u32,
        channels: 3,
    };
    let plan = spec::infer(&layers, input, Some(2)).unwrap();
    let network = Network::new(&plan, [0.0; 3], [1.0; 3], Device::Cpu, kernels).unwrap();
    network.copy_from(|name| fixture.find(&format!("{prefix}initial.{name}"))).unwrap();
    let mut optimizer =
        Optimizer::new(&fixture.json(&format!("{prefix}optimizer")), &network).unwrap();
    let mut worst = 0.0f64;
    for step in 0..wanted.size()[0] {
        let batch = step % images.size()[0];
        let rate = schedule.rate(optimizer.steps());
        assert!(
            (rate / rates.double_value(&[step]) - 1.0).abs() < 1e-6,
            "{prefix} step {step}: rate {rate}"
        );
        let logits = network.forward(&images.get(batch), Mode::Train).unwrap();
        let loss = logits.cross_entropy_loss(
            &labels.get(batch),
            None::<&Tensor>,
            Reduction::Mean,
            -100,
            0.0,
        );
        let wanted = wanted.double_value(&[step]);
        let difference = (loss.double_value(&[]) - wanted).abs() / wanted;
        worst = worst.max(difference);
        assert!(difference < 1e-4, "{prefix} step {step}: loss {loss:?} instead of {wanted}");
        optimizer.step(&loss, rate).unwrap();
    }
    println!(
        "{prefix} {kernels:?}: {} steps, largest relative difference of the loss {worst:.1e}",
        wanted.size()[0]
    );
    for parameter in network.parameters() {
        let after = fixture.tensor(&format!("{prefix}final.{}", parameter.name));
        let difference = relative_difference(&parameter.tensor, after);
        assert!(difference < 1e-3, "{prefix} {}: {difference}", parameter.name);
    }
}

#[test]
fn thirty_steps_of_adam_over_a_staircase_equal_keras_to_1e_4() {
    for kernels in [spec::Kernels::Plain, spec::Kernels::Auto] {
        check(&Fixture::read("keras_training"), "", kernels);
    }
}

#[test]
fn every_optimizer_and_batch_norm_equal_keras_to_1e_4() {
    let fixture = Fixture::read("keras_training_more");
    assert_eq!(fixture.cases().len(), 10);
    for case in fixture.cases() {
        check(&fixture, &format!("{case}."), spec::Kernels::Plain);
    }
}
