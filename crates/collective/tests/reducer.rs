//! Reduced gradients against those of the whole batch in one process.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

#[expect(dead_code, reason = "other test programs need more of it")]
mod job;

use job::Job;
use shoebox_collective::{Compression, ProcessGroup, Reducer, ReducerOptions};
use shoebox_kernels::clear_gradients;
use tch::{Device, Kind, Tensor};

const FLOATS: (Kind, Device) = (Kind::Float, Device::Cpu);
const BATCH: i64 = 7;

#[test]
#[ignore = "a process that other tests start"]
fn body_of_a_rank() {
    let (scenario, group) = job::join();
    match scenario.as_str() {
        "whole_batch" => whole_batch(&group),
        "accumulated" => accumulated(&group),
        "float16" => float16(&group),
        "unused" => unused(&group),
        "remade" => remade(&group),
        other => panic!("{other}"),
    }
    group.barrier().unwrap();
}

/// A convolution with channels-last weights and two layers by our own kernel.
struct Network(Vec<Tensor>);

impl Network {
    fn new() -> Self {
        tch::manual_seed(7);
        let shapes: [&[i64]; 6] = [&[8, 3, 3, 3], &[8], &[64, 288], &[64], &[4, 64], &[4]];
        let mut parameters: Vec<_> =
            shapes.iter().map(|shape| Tensor::randn(*shape, FLOATS) * 0.1).collect();
        parameters[0] = parameters[0].permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]);
        Self(parameters.into_iter().map(|it| it.detach().set_requires_grad(true)).collect())
    }

    /// The mean loss of some rows.
    fn loss(&self, rows: &Rows) -> Tensor {
        let [kernel, kernel_bias, hidden, hidden_bias, output, output_bias] = &self.0[..] else {
            panic!()
        };
        let images = rows.images.conv2d(kernel, Some(kernel_bias), 1, 0, 1, 1).relu();
        let features = images.flatten(1, -1);
        let linear = |x: &Tensor, w, b| shoebox_kernels::linear(x, w, Some(b)).unwrap();
        let features = linear(&features, hidden, hidden_bias).relu();
        linear(&features, output, output_bias).cross_entropy_for_logits(&rows.labels)
    }

    fn gradients(&self) -> Vec<Tensor> {
        self.0.iter().map(|parameter| parameter.grad().copy()).collect()
    }

    /// Those of the whole batch, without any other rank.
    fn expected(&mut self, rows: &Rows) -> Vec<Tensor> {
        self.loss(rows).backward();
        let gradients = self.gradients();
        self.forget();
        gradients
    }

    fn forget(&mut self) {
        clear_gradients(&mut self.0).unwrap();
    }
}

struct Rows {
    images: Tensor,
    labels: Tensor,
}

impl Rows {
    fn whole() -> Self {
        tch::manual_seed(8);
        let images = Tensor::randn([BATCH, 3, 8, 8], FLOATS);
        Self { images, labels: Tensor::randint(4, [BATCH], (Kind::Int64, Device::Cpu)) }
    }

    fn part(&self, start: i64, length: i64) -> Self {
        let (images, labels) =
            (self.images.narrow(0, start, length), self.labels.narrow(0, start, length));
        Self { images, labels }
    }

    /// This rank's share: 5 and 2 rows of 7, or 4, 2 and 1.
    fn share(&self, group: &ProcessGroup) -> Self {
        let starts: &[i64] = if group.world_size() == 2 { &[0, 5, 7] } else { &[0, 4, 6, 7] };
        let rank = group.rank() as usize;
        self.part(starts[rank], starts[rank + 1] - starts[rank])
    }

    /// What this part's mean loss counts in the whole batch's, for the average
    /// over ranks that the reducer makes.
    fn weight(&self, group: &ProcessGroup) -> f64 {
        (self.labels.size()[0] * i64::from(group.world_size())) as f64 / BATCH as f64
    }
}

/// The largest difference, relative to the largest value of its tensor.
fn difference(found: &[Tensor], expected: &[Tensor]) -> f64 {
    let pairs = found.iter().zip(expected);
    let differences = pairs.map(|(found, expected)| {
        assert_eq!(found.size(), expected.size());
        (found - expected).abs().max().double_value(&[]) / expected.abs().max().double_value(&[])
    });
    differences.fold(0.0, f64::max)
}

/// Small buckets, so that there are several.
fn options(compression: Compression) -> ReducerOptions {
    ReducerOptions { bucket_bytes: 4096, compression }
}

fn assert_same_bits(group: &ProcessGroup, gradients: &[Tensor]) {
    let flat: Vec<_> = gradients.iter().map(|gradient| gradient.reshape([-1])).collect();
    let bytes: Vec<u8> = Vec::<f32>::try_from(&Tensor::cat(&flat, 0))
        .unwrap()
        .iter()
        .flat_map(|number| number.to_ne_bytes())
        .collect();
    let all = group.all_gather_bytes(&bytes).unwrap();
    assert!(all.iter().all(|other| *other == bytes));
}

#[test]
fn reduced_gradients_are_those_of_the_whole_batch() {
    for world_size in [2, 3] {
        Job::start("whole_batch", world_size).succeed();
    }
}

fn whole_batch(group: &ProcessGroup) {
    let (mut network, batch) = (Network::new(), Rows::whole());
    let expected = network.expected(&batch);
    let reducer = Reducer::new(group, &network.0, options(Compression::None)).unwrap();
    let share = batch.share(group);
    for step in 0..4 {
        group.at_step(step);
        network.forget();
        reducer.backward(&(network.loss(&share) * share.weight(group))).unwrap();
        let difference = difference(&network.gradients(), &expected);
        assert!(difference < 1e-5, "step {step}: {difference}");
        assert_same_bits(group, &network.gradients());
    }
    let stats = reducer.stats().unwrap();
    let count: usize = network.0.iter().map(Tensor::numel).sum();
    assert_eq!(stats.bytes, 4 * count as u64);
    assert!(stats.buckets > 1, "{stats:?}");
    assert!(stats.backward > stats.exposed.min(stats.backward / 2), "{stats:?}");
    assert!(!stats.reduction.is_zero() && stats.exposed <= stats.reduction, "{stats:?}");
    assert!((0.0..=1.0).contains(&stats.hidden_share()), "{stats:?}");
}

#[test]
fn gradients_accumulate_until_a_pass_is_to_be_reduced() {
    for world_size in [2, 3] {
        Job::start("accumulated", world_size).succeed();
    }
}

/// Each share in parts of one row, only the last of which is reduced.
fn accumulated(group: &ProcessGroup) {
    let (mut network, batch) = (Network::new(), Rows::whole());
    let expected = network.expected(&batch);
    let reducer = Reducer::new(group, &network.0, options(Compression::None)).unwrap();
    let share = batch.share(group);
    for step in 0..3 {
        network.forget();
        let last = share.labels.size()[0] - 1;
        for row in 0..=last {
            let part = share.part(row, 1);
            let loss = network.loss(&part) * part.weight(group);
            if row < last { loss.backward() } else { reducer.backward(&loss).unwrap() }
        }
        let difference = difference(&network.gradients(), &expected);
        assert!(difference < 1e-5, "step {step}: {difference}");
    }
}

#[test]
fn half_the_bytes_cost_precision() {
    Job::start("float16", 2).succeed();
}

fn float16(group: &ProcessGroup) {
    let (mut network, batch) = (Network::new(), Rows::whole());
    let expected = network.expected(&batch);
    let reducer = Reducer::new(group, &network.0, options(Compression::Float16)).unwrap();
    let share = batch.share(group);
    for step in 0..3 {
        network.forget();
        reducer.backward(&(network.loss(&share) * share.weight(group))).unwrap();
        let difference = difference(&network.gradients(), &expected);
        assert!((1e-6..1e-2).contains(&difference), "step {step}: {difference}");
        assert_same_bits(group, &network.gradients());
    }
    let count: usize = network.0.iter().map(Tensor::numel).sum();
    assert_eq!(reducer.stats().unwrap().bytes, 2 * count as u64);
}

#[test]
fn a_parameter_without_a_gradient_is_an_error() {
    Job::start("unused", 2).succeed();
}

fn unused(group: &ProcessGroup) {
    let used = Tensor::ones([3], FLOATS).set_requires_grad(true);
    let unused = Tensor::ones([3], FLOATS).set_requires_grad(true);
    let reducer =
        Reducer::new(group, &[used.shallow_clone(), unused], ReducerOptions::default()).unwrap();
    let error = reducer.backward(&used.sum(Kind::Float)).unwrap_err().to_string();
    assert!(error.contains("failed: Expected to have finished reduction"), "{error}");
}

#[test]
fn a_reducer_can_follow_another_for_other_parameters() {
    Job::start("remade", 2).succeed();
}

/// As where frozen layers begin to be trained.
fn remade(group: &ProcessGroup) {
    let (mut network, batch) = (Network::new(), Rows::whole());
    let expected = network.expected(&batch);
    let share = batch.share(group);
    let loss = |network: &Network| network.loss(&share) * share.weight(group);
    for parameter in &network.0[..4] {
        let _ = parameter.set_requires_grad(false);
    }
    let head = Reducer::new(group, &network.0[4..], options(Compression::None)).unwrap();
    head.backward(&loss(&network)).unwrap();
    drop(head);
    for parameter in &network.0[..4] {
        let _ = parameter.set_requires_grad(true);
    }
    network.forget();
    let whole = Reducer::new(group, &network.0, options(Compression::None)).unwrap();
    whole.backward(&loss(&network)).unwrap();
    let difference = difference(&network.gradients(), &expected);
    assert!(difference < 1e-5, "{difference}");
}
