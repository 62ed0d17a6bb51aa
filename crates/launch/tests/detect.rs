//! What launchers leave in the environment, and what is made of it.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_launch::{Flags, Launch, LaunchError, Launcher, Placement, Store};
use std::collections::HashMap;

/// Variables as `NAME=value NAME=value`.
fn detect_with(flags: &Flags, variables: &str) -> Result<Launch, LaunchError> {
    let variables: HashMap<_, _> = variables
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Launch::detect(flags, &|name| variables.get(name).cloned())
}

fn detect(variables: &str) -> Result<Launch, LaunchError> {
    detect_with(&Flags::default(), variables)
}

fn rank(variables: &str) -> Placement {
    match detect(variables) {
        Ok(Launch::Rank(placement)) => placement,
        other => panic!("{variables}: {other:?}"),
    }
}

fn error(variables: &str) -> String {
    match detect(variables) {
        Err(error) => error.to_string(),
        other => panic!("{variables}: {other:?}"),
    }
}

const TORCHRUN: &str = "RANK=1 WORLD_SIZE=4 LOCAL_RANK=1 LOCAL_WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 \
     MASTER_PORT=29500 TORCHELASTIC_USE_AGENT_STORE=True TORCHELASTIC_RESTART_COUNT=3 \
     TORCHELASTIC_RUN_ID=none";
const OPEN_MPI: &str = "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1 \
     OMPI_COMM_WORLD_LOCAL_SIZE=2 PMIX_NAMESPACE=2463694849";
const SLURM: &str = "SLURM_JOB_ID=77 SLURM_STEP_ID=0 SLURM_PROCID=5 SLURM_LOCALID=1 SLURM_NODEID=1 \
     SLURM_NTASKS=7 SLURM_STEP_TASKS_PER_NODE=4,3 SLURM_STEP_NODELIST=node[03-04] \
     SLURM_JOB_NODELIST=login,node[01-09]";
const PYTORCHJOB: &str = "RANK=1 WORLD_SIZE=3 MASTER_ADDR=job-master-0 MASTER_PORT=23456";
const TRAINJOB: &str = "PET_NNODES=2 PET_NODE_RANK=1 PET_NPROC_PER_NODE=1 \
     PET_MASTER_ADDR=job-node-0-0.job PET_MASTER_PORT=29500";

#[test]
fn each_launcher_is_read_and_printed() {
    for (variables, line) in [
        (TORCHRUN, "rank 1 of 4 (torchrun, attempt 3, rendezvous 127.0.0.1:29500)"),
        (PYTORCHJOB, "rank 1 of 3 (Kubeflow PyTorchJob, attempt 0, rendezvous job-master-0:23456)"),
        (TRAINJOB, "rank 1 of 2 (Kubeflow TrainJob, attempt 0, rendezvous job-node-0-0.job:29500)"),
    ] {
        assert_eq!(rank(variables).to_string(), line);
    }
    let mpi = rank(OPEN_MPI);
    assert_eq!((mpi.launcher, mpi.rank, mpi.world_size), (Launcher::OpenMpi, 1, 2));
    assert_eq!((mpi.rendezvous.host.as_str(), mpi.is_on_one_machine()), ("127.0.0.1", true));
    let slurm = rank(SLURM);
    assert_eq!((slurm.launcher, slurm.rank, slurm.world_size), (Launcher::Slurm, 5, 7));
    assert_eq!((slurm.local_rank, slurm.local_world_size), (1, Some(3)));
    assert_eq!((slurm.rendezvous.host.as_str(), slurm.is_on_one_machine()), ("node03", false));
}

#[test]
fn the_first_launcher_of_the_list_counts() {
    let flags = Flags {
        rank: Some(0),
        world_size: Some(2),
        master_addr: Some("here".to_owned()),
        master_port: Some(1234),
        ..Flags::default()
    };
    let all = [TORCHRUN, OPEN_MPI, SLURM, TRAINJOB].join(" ");
    let Launch::Rank(placement) = detect_with(&flags, &all).unwrap() else { panic!() };
    assert_eq!(placement.to_string(), "rank 0 of 2 (flags, attempt 0, rendezvous here:1234)");
    assert_eq!(rank(&all).launcher, Launcher::Torchrun);
    assert_eq!(rank(&[OPEN_MPI, SLURM, TRAINJOB].join(" ")).launcher, Launcher::OpenMpi);
    assert_eq!(rank(&[SLURM, TRAINJOB].join(" ")).launcher, Launcher::Slurm);
    assert_eq!(rank(&[PYTORCHJOB, TRAINJOB].join(" ")).launcher, Launcher::PyTorchJob);
}

#[test]
fn a_plain_call_is_single() {
    for variables in [
        "",
        // Set by users for other programs.
        "MASTER_ADDR=127.0.0.1 MASTER_PORT=29500 OMP_NUM_THREADS=2",
        // Empty is unset.
        "RANK= LOCAL_RANK=",
        // A shell of salloc, and a batch script.
        "SLURM_JOB_ID=77 SLURM_NTASKS=8 SLURM_JOB_NODELIST=node[1-2]",
        "SLURM_JOB_ID=77 SLURM_NTASKS=8 SLURM_JOB_NODELIST=node[1-2] SLURM_PROCID=0 SLURM_LOCALID=0",
        // The interactive step that salloc starts a shell in.
        "SLURM_JOB_ID=77 SLURM_NTASKS=8 SLURM_JOB_NODELIST=node[1-2] SLURM_PROCID=0 SLURM_LOCALID=0 \
         SLURM_STEP_ID=4294967290",
        // `srun --pty bash`.
        "SLURM_JOB_ID=77 SLURM_NTASKS=1 SLURM_JOB_NODELIST=node1 SLURM_PROCID=0 SLURM_LOCALID=0 \
         SLURM_STEP_ID=0",
        // torchrun's options, for a torchrun that was not called.
        "PET_NPROC_PER_NODE=4",
    ] {
        assert_eq!(detect(variables).unwrap(), Launch::Single, "{variables}");
    }
}

#[test]
fn an_incomplete_set_names_what_is_missing() {
    let without = |variables: &str, name: &str| {
        let kept = variables.split_whitespace().filter(|pair| !pair.starts_with(name));
        kept.collect::<Vec<_>>().join(" ")
    };
    for (variables, names) in [
        (TORCHRUN, &["RANK=", "WORLD_SIZE=", "LOCAL_RANK=", "MASTER_ADDR=", "MASTER_PORT="][..]),
        (OPEN_MPI, &["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"]),
        (SLURM, &["SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS", "SLURM_JOB_ID"]),
        (PYTORCHJOB, &["RANK=", "WORLD_SIZE=", "MASTER_ADDR=", "MASTER_PORT="]),
        (TRAINJOB, &["PET_NNODES", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT"]),
    ] {
        for name in names {
            let message = error(&without(variables, name));
            let missing = format!("missing: {};", name.trim_end_matches('='));
            assert!(message.contains(&missing), "{message}");
        }
    }
    assert_eq!(
        error("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0"),
        "torchrun: set: RANK, WORLD_SIZE, LOCAL_RANK; missing: MASTER_ADDR, MASTER_PORT; \
         start it with torchrun, which sets them all, or unset them to run alone"
    );
    let message = error(&without(&without(SLURM, "SLURM_STEP_NODELIST"), "SLURM_JOB_NODELIST"));
    assert!(message.contains("missing: SLURM_STEP_NODELIST, MASTER_ADDR;"), "{message}");
}

#[test]
fn incomplete_flags_are_refused() {
    for flags in [
        Flags { rank: Some(0), ..Flags::default() },
        Flags { local_rank: Some(0), ..Flags::default() },
        Flags { rank: Some(0), world_size: Some(2), ..Flags::default() },
    ] {
        let message = detect_with(&flags, "").unwrap_err().to_string();
        assert!(message.contains("--master-addr, --master-port; pass all of"), "{message}");
    }
}

#[test]
fn numbers_that_are_none_or_do_not_fit_are_refused() {
    for (variables, message) in [
        (
            TORCHRUN.replace(" WORLD_SIZE=4", " WORLD_SIZE=four"),
            "WORLD_SIZE=four: not a whole number",
        ),
        (TORCHRUN.replace("RANK=1 W", "RANK=-1 W"), "RANK=-1: not a whole number"),
        (TORCHRUN.replace("29500", "95000"), "MASTER_PORT=95000: not a TCP port"),
        (TORCHRUN.replace("RANK=1 W", "RANK=4 W"), "torchrun: rank 4 does not fit 4 processes"),
        (TORCHRUN.replace(" WORLD_SIZE=4", " WORLD_SIZE=0"), "torchrun: rank 1 does not fit 0"),
        (TORCHRUN.replace("LOCAL_RANK=1", "LOCAL_RANK=2"), "local rank 2 does not fit 2 processes"),
        (OPEN_MPI.replace("SIZE=2 ", "SIZE=x "), "OMPI_COMM_WORLD_SIZE=x: not a whole number"),
        (SLURM.replace("SLURM_PROCID=5", "SLURM_PROCID=7"), "SLURM: rank 7 does not fit 7"),
        (
            SLURM.replace("SLURM_STEP_ID=0", "SLURM_STEP_ID=z"),
            "SLURM_STEP_ID=z: not a whole number",
        ),
        (
            SLURM.replace("node[03-04]", "node[03"),
            "SLURM_STEP_NODELIST=node[03: not a list of hosts",
        ),
        (PYTORCHJOB.replace("RANK=1", "RANK=3"), "PyTorchJob: rank 3 does not fit 3 processes"),
        (TRAINJOB.replace("PET_NNODES=2", "PET_NNODES=1:3"), "PET_NNODES=1:3: not a whole number"),
    ] {
        let found = error(&variables);
        assert!(found.contains(message), "{found}");
    }
}

#[test]
fn the_agents_store_is_used_where_torchrun_says_so() {
    assert_eq!(rank(TORCHRUN).rendezvous.store, Store::Agent);
    let own = TORCHRUN.replace("AGENT_STORE=True", "AGENT_STORE=False");
    assert_eq!(rank(&own).rendezvous.store, Store::Rank0);
    for variables in [OPEN_MPI, SLURM, PYTORCHJOB, TRAINJOB] {
        assert_eq!(rank(variables).rendezvous.store, Store::Rank0);
    }
}

#[test]
fn open_mpi_across_machines_needs_the_address_of_rank_0() {
    let across = OPEN_MPI.replace("WORLD_SIZE=2", "WORLD_SIZE=4");
    let message = error(&across);
    assert!(message.contains("missing: MASTER_ADDR; pass mpirun `-x MASTER_ADDR"), "{message}");
    let placement = rank(&format!("{across} MASTER_ADDR=node1 MASTER_PORT=4000"));
    assert_eq!((placement.rendezvous.host.as_str(), placement.rendezvous.port), ("node1", 4000));
    assert!(!placement.is_on_one_machine());
}

#[test]
fn a_port_follows_from_the_job_where_none_is_given() {
    let port = |variables: &str| rank(variables).rendezvous.port;
    let other_rank = OPEN_MPI.replace("RANK=1", "RANK=0");
    assert_eq!(port(OPEN_MPI), port(&other_rank));
    assert_ne!(port(OPEN_MPI), port(&OPEN_MPI.replace("2463694849", "2463694850")));
    let version_4 = OPEN_MPI.replace("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid");
    assert_eq!(port(OPEN_MPI), port(&version_4));
    let nameless = OPEN_MPI.replace("PMIX_NAMESPACE", "OTHER");
    assert!(error(&nameless).contains("missing: MASTER_PORT"));
    assert_ne!(port(SLURM), port(&SLURM.replace("STEP_ID=0", "STEP_ID=1")));
    assert_eq!(port(&format!("{SLURM} MASTER_PORT=4000")), 4000);
}

#[test]
fn slurm_takes_the_jobs_nodes_and_the_users_address() {
    let jobs = SLURM.replace("SLURM_STEP_NODELIST", "OTHER");
    assert_eq!(rank(&jobs).rendezvous.host, "login");
    assert_eq!(rank(&format!("{SLURM} MASTER_ADDR=node09")).rendezvous.host, "node09");
    assert_eq!(rank(&format!("{SLURM} SLURM_RESTART_COUNT=2")).attempt, 2);
    let untold = SLURM.replace("SLURM_NODEID", "OTHER");
    assert_eq!(rank(&untold).local_world_size, None);
}

#[test]
fn a_pod_for_several_processes_needs_nproc() {
    let several = TRAINJOB.replace("PER_NODE=1", "PER_NODE=4");
    let message = error(&several);
    assert!(message.contains("pass --nproc 4, or start it with torchrun"), "{message}");
    let flags = Flags { nproc: Some(4), ..Flags::default() };
    assert!(
        matches!(detect_with(&flags, &several).unwrap(), Launch::Start(ranks) if ranks.count() == 4)
    );
    // A PyTorchJob that says how many a pod has counts processes.
    let several = "RANK=1 WORLD_SIZE=8 MASTER_ADDR=a MASTER_PORT=1 PET_NPROC_PER_NODE=4";
    assert!(error(several).contains("Kubeflow PyTorchJob: each pod is meant for 4 processes"));
    assert!(matches!(detect_with(&flags, several).unwrap(), Launch::Start(_)));
    // What torchrun would make a number of is one process here.
    assert_eq!(rank(&TRAINJOB.replace("PER_NODE=1", "PER_NODE=auto")).world_size, 2);
}

#[test]
fn nproc_starts_ranks_unless_a_launcher_has() {
    let flags = |nproc| Flags { nproc: Some(nproc), ..Flags::default() };
    assert!(matches!(detect_with(&flags(2), "").unwrap(), Launch::Start(_)));
    assert_eq!(detect_with(&flags(1), "").unwrap(), Launch::Single);
    assert!(matches!(detect_with(&flags(0), ""), Err(LaunchError::NoProcess)));
    for variables in [TORCHRUN, OPEN_MPI, SLURM] {
        let message = detect_with(&flags(2), variables).unwrap_err().to_string();
        assert!(message.contains("leave --nproc out"), "{message}");
    }
    // A rank has inherited the flags.
    let started = format!("{TORCHRUN} SHOEBOX_NPROC=2");
    let Launch::Rank(placement) = detect_with(&flags(2), &started).unwrap() else { panic!() };
    assert_eq!(placement.launcher, Launcher::Nproc);
}
