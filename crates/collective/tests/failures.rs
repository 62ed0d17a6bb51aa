//! Ranks that die, fall silent or never come: all others end with an error that
//! says so, and none hangs.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

#[expect(dead_code, reason = "other test programs need more of it")]
mod job;

use job::{End, FAILED, Job, fail, free_port};
use shoebox_collective::{CollectiveError, ProcessGroup, Reducer, ReducerOptions, Timeouts};
use std::{env, net::TcpListener, time::Duration};
use tch::{Device, Kind, Tensor};

#[test]
#[ignore = "a process that other tests start"]
fn body_of_a_rank() {
    let scenario = env::var("SCENARIO").unwrap();
    let seconds = |seconds| Duration::from_secs(seconds);
    let timeouts = match scenario.as_str() {
        "come" => Timeouts { join: seconds(3), operation: seconds(3) },
        "silent" | "silent_backward" => Timeouts { operation: seconds(3), ..Timeouts::default() },
        _ => Timeouts::default(),
    };
    let group =
        ProcessGroup::join(&job::placement(), &timeouts).unwrap_or_else(|error| fail(&error));
    println!("joined");
    let result = match scenario.as_str() {
        "reduce" | "silent" => reduce(&group),
        "backward" | "silent_backward" => backward(&group),
        "come" => Ok(()),
        other => panic!("{other}"),
    };
    // As a program does that hands the error up to `main`: this must not hang either.
    drop(group);
    result.unwrap_or_else(|error| fail(&error));
}

/// Without an end of its own.
fn reduce(group: &ProcessGroup) -> Result<(), CollectiveError> {
    let mut tensor = Tensor::ones([100_000], (Kind::Float, Device::Cpu));
    for step in 1.. {
        group.at_step(step);
        group.all_reduce_sum(&mut tensor)?;
        println!("step {step}.");
    }
    Ok(())
}

fn backward(group: &ProcessGroup) -> Result<(), CollectiveError> {
    let mut parameters: Vec<_> = (0..4)
        .map(|_| Tensor::ones([300, 300], (Kind::Float, Device::Cpu)).set_requires_grad(true))
        .collect();
    let options = ReducerOptions { bucket_bytes: 1 << 18, ..ReducerOptions::default() };
    let reducer = Reducer::new(group, &parameters, options)?;
    for step in 1.. {
        group.at_step(step);
        shoebox_kernels::clear_gradients(&mut parameters).unwrap();
        let first = parameters[0].shallow_clone();
        let product = parameters.iter().skip(1).fold(first, |product, it| product.mm(it) * 0.01);
        reducer.backward(&product.sum(Kind::Float))?;
        println!("step {step}.");
    }
    Ok(())
}

/// What the surviving ranks say after `signal` to rank 2 of 3.
fn survivors(scenario: &str, signal: &str) -> Vec<End> {
    let mut job = Job::start(scenario, 3);
    job.wait_for(2, "step 5.");
    job.signal(2, signal);
    [0, 1].map(|rank| job.end_of(rank)).into()
}

/// That a rank says its error and nothing else, as c10d would.
fn assert_says(end: &End, message: &str) {
    assert_eq!(end.status, Some(FAILED), "{}", end.stderr);
    assert!(end.stderr.starts_with(message), "{}", end.stderr);
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
}

/// That every end is an error of an operation, which names rank and step.
fn assert_errors(ends: &[End], operation: &str) {
    for (rank, end) in ends.iter().enumerate() {
        assert_eq!(end.status, Some(FAILED), "rank {rank}: {}", end.stderr);
        assert!(end.stderr.contains(&format!("rank {rank} of 3, step ")), "{}", end.stderr);
        assert!(end.stderr.contains(operation), "{}", end.stderr);
    }
}

#[test]
fn a_killed_rank_ends_the_others_and_is_named() {
    for (scenario, operation) in [("reduce", "all-reduce failed: "), ("backward", "reduc")] {
        let ends = survivors(scenario, "-KILL");
        assert_errors(&ends, operation);
        let named = ends.iter().filter(|end| end.stderr.contains("which is rank 2")).count();
        assert!(named > 0, "{ends:?}");
    }
}

#[test]
fn a_rank_that_falls_silent_ends_the_others_after_the_timeout() {
    for (scenario, operation) in [("silent", "all-reduce failed: "), ("silent_backward", "reduc")] {
        let ends = survivors(scenario, "-STOP");
        assert_errors(&ends, operation);
        assert!(ends.iter().any(|end| end.stderr.contains("Timed out")), "{ends:?}");
    }
}

#[test]
fn ranks_that_do_not_come_are_named_by_all_that_did() {
    let mut job = Job::start_some("come", 4, 0..2, free_port());
    for rank in [0, 1] {
        let end = job.end_of(rank);
        let message = "waited 3 s for the other ranks; missing: rank 2, rank 3\n";
        assert_says(&end, &format!("rank {rank} of 4: {message}"));
    }
}

#[test]
fn without_rank_0_nobody_answers() {
    let port = free_port();
    let mut job = Job::start_some("come", 2, 1..2, port);
    let end = job.end_of(1);
    assert_says(&end, &format!("rank 1 of 2: rank 0 does not answer at 127.0.0.1:{port}: "));
}

#[test]
fn a_port_in_use_is_an_error_with_a_remedy() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut job = Job::start_some("come", 2, 0..1, port);
    let end = job.end_of(0);
    assert_says(&end, &format!("rank 0 of 2: cannot serve the rendezvous at port {port}: "));
    assert!(end.stderr.contains("choose another port (MASTER_PORT or --master-port)"));
}

#[test]
fn an_interface_that_is_not_there_is_an_error_that_names_it() {
    let interface = [("GLOO_SOCKET_IFNAME", "nosuch0")];
    let mut job = Job::start_with("come", 2, 0..2, free_port(), &interface);
    let end = job.end_of(0);
    assert_says(&end, "rank 0 of 2: connecting with the other ranks failed: ");
    assert!(end.stderr.contains("nosuch0"), "{}", end.stderr);
    // This one may hear of rank 0's end before it comes to its own interface.
    assert_eq!(job.end_of(1).status, Some(FAILED));
}
