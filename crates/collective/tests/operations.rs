//! What ranks do together, as processes of their own.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

#[expect(dead_code, reason = "other test programs need more of it")]
mod job;

use job::Job;
use shoebox_collective::{CollectiveError, ProcessGroup};
use tch::{Device, Kind, Tensor};

#[test]
#[ignore = "a process that other tests start"]
fn body_of_a_rank() {
    let (scenario, group) = job::join();
    match scenario.as_str() {
        "all_reduce" => all_reduce(&group),
        "broadcast" => broadcast(&group),
        "gather" => gather(&group),
        "misuse" => misuse(&group),
        other => panic!("{other}"),
    }
    group.barrier().unwrap();
}

#[test]
fn all_reduce_sums_in_every_rank() {
    for world_size in [1, 2, 4] {
        Job::start("all_reduce", world_size).succeed();
    }
}

#[test]
fn an_interface_can_be_named() {
    let interface = [("GLOO_SOCKET_IFNAME", "lo")];
    Job::start_with("all_reduce", 2, 0..2, job::free_port(), &interface).succeed();
}

fn all_reduce(group: &ProcessGroup) {
    let (rank, size) = (f64::from(group.rank()), f64::from(group.world_size()));
    let ranks = size * (size + 1.0) / 2.0;
    for kind in [Kind::Float, Kind::Double, Kind::Int64] {
        let mut tensor = Tensor::full([2, 3], rank + 1.0, (kind, Device::Cpu));
        group.all_reduce_sum(&mut tensor).unwrap();
        assert_eq!(tensor, Tensor::full([2, 3], ranks, (kind, Device::Cpu)));
    }
    // Every other column of a matrix: the gaps stay.
    let matrix = Tensor::full([4, 6], rank + 1.0, (Kind::Float, Device::Cpu));
    group.all_reduce_sum(&mut matrix.slice(1, 0, 6, 2)).unwrap();
    assert_eq!(matrix.get(3).double_value(&[4]), ranks);
    assert_eq!(matrix.get(3).double_value(&[5]), rank + 1.0);
    // A parameter, which autograd watches.
    let mut parameter = Tensor::ones([3], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    group.all_reduce_sum(&mut parameter).unwrap();
    assert_eq!(parameter.double_value(&[2]), size);
    assert!(parameter.is_leaf());
}

#[test]
fn broadcast_overwrites_with_the_roots() {
    for world_size in [2, 4] {
        Job::start("broadcast", world_size).succeed();
    }
}

fn broadcast(group: &ProcessGroup) {
    for root in 0..group.world_size() {
        let mut tensor = Tensor::full([5], f64::from(group.rank() + 1), (Kind::Float, Device::Cpu));
        group.broadcast(&mut tensor, root).unwrap();
        assert_eq!(tensor.double_value(&[4]), f64::from(root + 1));
    }
}

#[test]
fn bytes_of_any_length_are_gathered_in_order() {
    for world_size in [1, 2, 4] {
        Job::start("gather", world_size).succeed();
    }
}

fn gather(group: &ProcessGroup) {
    let of = |rank: u32| format!("rank {rank}").repeat(rank as usize * 1000).into_bytes();
    let gathered = group.all_gather_bytes(&of(group.rank())).unwrap();
    assert_eq!(gathered, (0..group.world_size()).map(of).collect::<Vec<_>>());
    let gathered = group.all_gather_bytes(&[]).unwrap();
    assert_eq!(gathered, vec![Vec::<u8>::new(); group.world_size() as usize]);
}

#[test]
fn what_gloo_does_not_know_is_an_error_that_names_rank_operation_and_step() {
    Job::start("misuse", 2).succeed();
}

fn misuse(group: &ProcessGroup) {
    group.at_step(17);
    let mut tensor = Tensor::ones([2], (Kind::Float, Device::Cpu));
    let error = group.broadcast(&mut tensor, 9).unwrap_err();
    let expected = format!("rank {} of 2, step 17: broadcast failed: ", group.rank());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(matches!(error, CollectiveError::Failed { peer: None, .. }));
}
