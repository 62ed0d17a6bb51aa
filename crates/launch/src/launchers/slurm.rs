//! SLURM: a step that srun has started. Within an allocation but outside a
//! step, as in a batch script or a shell of salloc, a program runs alone,
//! though some of the same variables are set there.

use crate::{
    LaunchError, Launcher, Placement, Rendezvous, Store, nodelist, port,
    variables::{Variables, complete, number},
};

const LAUNCHER: Launcher = Launcher::Slurm;
const STEP: [&str; 2] = ["SLURM_STEP_ID", "SLURM_STEPID"];
const TASKS: [&str; 2] = ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"];
const NODES: [&str; 2] = ["SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"];
const JOB: [&str; 2] = ["SLURM_JOB_ID", "SLURM_JOBID"];
const REMEDY: &str = "start it with srun, which sets them all";
/// From here on numbers mean no step of srun's: pending 0xfffffffd, extern
/// 0xfffffffc, batch 0xfffffffb, and 0xfffffffa for salloc's interactive shell.
const FIRST_SPECIAL_STEP: u32 = 0xffff_fff0;

/// A step of one task is a plain call, too.
pub(crate) fn find(variables: &Variables<'_>) -> Result<Option<Placement>, LaunchError> {
    let Some((name, step)) = variables.first(&STEP) else {
        return Ok(None);
    };
    if number::<u32>(name, &step)? >= FIRST_SPECIAL_STEP {
        return Ok(None);
    }
    let tasks = variables.first(&TASKS);
    let present = [
        true,
        variables.has("SLURM_PROCID"),
        variables.has("SLURM_LOCALID"),
        tasks.is_some(),
        variables.first(&JOB).is_some(),
    ];
    let names = [name, "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS", "SLURM_JOB_ID"];
    complete(LAUNCHER, names, present, REMEDY)?;
    let (name, tasks) = tasks.unwrap_or_default();
    let world_size = number(name, &tasks)?;
    if world_size == 1 {
        return Ok(None);
    }
    let placement = Placement {
        launcher: LAUNCHER,
        rank: variables.number("SLURM_PROCID")?.unwrap_or_default(),
        world_size,
        local_rank: variables.number("SLURM_LOCALID")?.unwrap_or_default(),
        local_world_size: tasks_here(variables),
        rendezvous: rendezvous(variables, &step)?,
        attempt: variables.number("SLURM_RESTART_COUNT")?.unwrap_or(0),
    };
    placement.checked().map(Some)
}

/// Rank 0 on the step's first host, unless the user names it, at a port that
/// follows from job and step, so that the next step finds it free.
fn rendezvous(variables: &Variables<'_>, step: &str) -> Result<Rendezvous, LaunchError> {
    let host = match variables.get("MASTER_ADDR") {
        Some(host) => host,
        None => first_host(variables)?,
    };
    let (_, job) = variables.first(&JOB).unwrap_or_default();
    let port = variables.number("MASTER_PORT")?;
    let port = port.unwrap_or_else(|| port::derived(&format!("{job}.{step}")));
    Ok(Rendezvous { host, port, store: Store::Rank0 })
}

fn first_host(variables: &Variables<'_>) -> Result<String, LaunchError> {
    let Some((name, list)) = variables.first(&NODES) else {
        complete(
            LAUNCHER,
            ["SLURM_PROCID", "SLURM_STEP_NODELIST", "MASTER_ADDR"],
            [true, false, false],
            REMEDY,
        )?;
        return Ok(String::new());
    };
    nodelist::first_host(&list).ok_or(LaunchError::NodeList { name, value: list })
}

/// How many tasks of the step this machine has, by `SLURM_STEP_TASKS_PER_NODE`
/// such as `2(x3),1`, where it can be read.
fn tasks_here(variables: &Variables<'_>) -> Option<u32> {
    let counts = variables.get("SLURM_STEP_TASKS_PER_NODE")?;
    let node: usize = variables.get("SLURM_NODEID")?.parse().ok()?;
    nodelist::counts(&counts)?.get(node).copied()
}
