//! Ranks as real processes: copies of the test program that run its test
//! `body_of_a_rank`, with torchrun's variables and one thread each.

use shoebox_collective::{CollectiveError, ProcessGroup, Timeouts};
use shoebox_launch::{Flags, Launch, Placement};
use std::{
    env, fs,
    fs::{File, OpenOptions},
    net::TcpListener,
    ops::Range,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Far more than anything here takes: what takes longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What a rank ends with after a [`CollectiveError`].
pub const FAILED: i32 = 3;

/// Processes that run, and where their output goes.
pub struct Job {
    first: u32,
    children: Vec<Child>,
    folder: TempDir,
}

/// How one of them has ended.
#[derive(Debug)]
pub struct End {
    pub status: Option<i32>,
    pub stderr: String,
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Job {
    /// All ranks.
    pub fn start(scenario: &str, world_size: u32) -> Self {
        Self::start_some(scenario, world_size, 0..world_size, free_port())
    }

    /// Some of the ranks.
    pub fn start_some(scenario: &str, world_size: u32, ranks: Range<u32>, port: u16) -> Self {
        Self::start_with(scenario, world_size, ranks, port, &[])
    }

    /// Some of the ranks, with more variables.
    pub fn start_with(
        scenario: &str,
        world_size: u32,
        ranks: Range<u32>,
        port: u16,
        more: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut job = Self { first: ranks.start, children: Vec::new(), folder };
        for rank in ranks {
            let variables = [
                ("RANK", rank.to_string()),
                ("LOCAL_RANK", rank.to_string()),
                ("WORLD_SIZE", world_size.to_string()),
                ("LOCAL_WORLD_SIZE", world_size.to_string()),
                ("MASTER_ADDR", "127.0.0.1".to_owned()),
                ("MASTER_PORT", port.to_string()),
                ("OMP_NUM_THREADS", "1".to_owned()),
                ("SCENARIO", scenario.to_owned()),
            ];
            let child = Command::new(env::current_exe().unwrap())
                .args(["--exact", "body_of_a_rank", "--ignored", "--nocapture", "--test-threads=1"])
                .envs(variables)
                .envs(more.iter().copied())
                .stdin(Stdio::null())
                .stdout(job.create(&format!("stdout{rank}")))
                .stderr(job.create(&format!("stderr{rank}")))
                .spawn()
                .unwrap();
            job.children.push(child);
        }
        job
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn create(&self, name: &str) -> File {
        OpenOptions::new().create_new(true).append(true).open(self.path(name)).unwrap()
    }

    /// Waits until a rank has printed `text`.
    pub fn wait_for(&mut self, rank: u32, text: &str) {
        let start = Instant::now();
        let stdout = self.path(&format!("stdout{rank}"));
        while !fs::read_to_string(&stdout).unwrap().contains(text) {
            let ended = self.child(rank).try_wait().unwrap();
            assert!(ended.is_none(), "rank {rank} has ended: {}", self.stderr(rank));
            assert!(start.elapsed() < PATIENCE, "rank {rank} does not print {text}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal by its name, such as `-KILL`.
    pub fn signal(&mut self, rank: u32, signal: &str) {
        let id = self.child(rank).id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn child(&mut self, rank: u32) -> &mut Child {
        &mut self.children[(rank - self.first) as usize]
    }

    fn stderr(&self, rank: u32) -> String {
        fs::read_to_string(self.path(&format!("stderr{rank}"))).unwrap()
    }

    /// Waits for a rank's end.
    pub fn end_of(&mut self, rank: u32) -> End {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child(rank).try_wait().unwrap() {
                return End { status: status.code(), stderr: self.stderr(rank) };
            }
            assert!(start.elapsed() < PATIENCE, "rank {rank} hangs: {}", self.stderr(rank));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for all, none of which may fail.
    pub fn succeed(mut self) {
        for rank in self.first..self.first + self.children.len() as u32 {
            let end = self.end_of(rank);
            assert_eq!(end.status, Some(0), "rank {rank}: {}", end.stderr);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// In a rank: its place.
pub fn placement() -> Placement {
    match Launch::detect(&Flags::default(), &|name| env::var(name).ok()).unwrap() {
        Launch::Rank(placement) => placement,
        other => panic!("{other:?}"),
    }
}

/// In a rank: the scenario's name and the group, with the usual timeouts.
pub fn join() -> (String, ProcessGroup) {
    let scenario = env::var("SCENARIO").unwrap();
    let group = ProcessGroup::join(&placement(), &Timeouts::default());
    (scenario, group.unwrap_or_else(|error| fail(&error)))
}

/// In a rank: ends it with the error.
pub fn fail(error: &CollectiveError) -> ! {
    eprintln!("{error}");
    std::process::exit(FAILED)
}
