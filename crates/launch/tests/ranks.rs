//! Ranks as real processes: what they find, and how they end together.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_launch::{Flags, Launch, RESUME_ME, Ranks};
use std::{
    env,
    ffi::OsString,
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Far more than anything here takes: what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn shell(script: &str) -> (&Path, Vec<OsString>) {
    (Path::new("/bin/sh"), ["-c", script].map(OsString::from).to_vec())
}

/// The status of `nproc` shells that run `script`.
fn run(nproc: u32, grace: Duration, script: &str) -> u8 {
    let (program, arguments) = shell(script);
    let start = Instant::now();
    let ranks = Ranks::new(nproc, None).unwrap().with_grace(grace);
    let status = ranks.run(program, &arguments).unwrap();
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
    status
}

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

#[test]
fn each_rank_finds_torchruns_variables() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "echo $RANK $WORLD_SIZE $LOCAL_RANK $LOCAL_WORLD_SIZE $MASTER_ADDR $MASTER_PORT \
         $OMP_NUM_THREADS > {}/$RANK",
        folder.path().display()
    );
    assert_eq!(run(3, LONG, &script), 0);
    let lines: Vec<_> = (0..3)
        .map(|rank| fs::read_to_string(folder.path().join(rank.to_string())).unwrap())
        .collect();
    for (rank, line) in lines.iter().enumerate() {
        let words: Vec<_> = line.split_whitespace().collect();
        let rank = rank.to_string();
        assert_eq!(words[..5], [&rank, "3", &rank, "3", "127.0.0.1"]);
        assert!(words[5].parse::<u16>().unwrap() > 1023);
        assert!(words[6].parse::<usize>().unwrap() >= 1);
        assert_eq!(words[5..], lines[0].split_whitespace().collect::<Vec<_>>()[5..]);
    }
}

#[test]
fn a_machine_among_several_counts_on() {
    let folder = tempfile::tempdir().unwrap();
    let flags = Flags {
        rank: Some(1),
        world_size: Some(3),
        master_addr: Some("first".to_owned()),
        master_port: Some(4000),
        nproc: Some(2),
        ..Flags::default()
    };
    let Launch::Start(ranks) = Launch::detect(&flags, &|_| None).unwrap() else { panic!() };
    let script =
        format!("echo $WORLD_SIZE $MASTER_ADDR:$MASTER_PORT > {}/$RANK", folder.path().display());
    let (program, arguments) = shell(&script);
    assert_eq!(ranks.run(program, &arguments).unwrap(), 0);
    for rank in ["2", "3"] {
        assert_eq!(fs::read_to_string(folder.path().join(rank)).unwrap(), "6 first:4000\n");
    }
}

#[test]
fn the_first_failure_ends_the_others_and_is_the_status() {
    assert_eq!(run(3, LONG, "[ $RANK = 1 ] && exit 3; exec sleep 600"), 3);
    assert_eq!(run(2, LONG, "[ $RANK = 0 ] && kill -9 $$; exec sleep 600"), 137);
}

#[test]
fn a_rank_that_ignores_sigterm_is_killed_after_the_grace_time() {
    let stubborn =
        "[ $RANK = 0 ] && { sleep 0.3; exit 4; }; trap '' TERM; while :; do sleep 1; done";
    assert_eq!(run(2, SHORT, stubborn), 4);
}

#[test]
fn ranks_that_are_to_be_resumed_may_end_by_themselves() {
    let script = "[ $RANK = 1 ] && exit 75; trap 'exit 9' TERM; sleep 0.5; exit 75";
    assert_eq!(run(2, SHORT, script), RESUME_ME);
    // A failure tells more.
    assert_eq!(run(2, SHORT, "[ $RANK = 1 ] && exit 75; sleep 0.3; exit 5"), 5);
}

#[test]
fn a_program_that_is_not_there_is_an_error_that_names_it() {
    let error = Ranks::new(2, None).unwrap().run(Path::new("/no/such/program"), &[]).unwrap_err();
    assert!(error.to_string().starts_with("cannot start rank 0, /no/such/program: "), "{error}");
}

/// A process that runs this file's `body` test, in `folder`.
fn starter(body: &str, folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", body, "--ignored", "--nocapture", "--test-threads=1"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The content of a file that another process writes, once it ends in a line.
fn wait_for(path: &Path) -> String {
    let start = Instant::now();
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => assert!(start.elapsed() < PATIENCE, "{} does not come", path.display()),
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn signal(process: &str, signal: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

#[test]
#[ignore = "a process that other tests start"]
fn body_of_a_starter() {
    let script = "trap 'echo got > signal$RANK; exit 75' USR1; echo out $RANK; \
                  echo ready > ready$RANK; while :; do sleep 0.05; done";
    let (program, arguments) = shell(script);
    let status = Ranks::new(2, None).unwrap().run(program, &arguments).unwrap();
    std::process::exit(status.into());
}

#[test]
fn signals_are_passed_on_and_only_rank_0_speaks_on_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let mut starter = starter("body_of_a_starter", folder.path());
    for rank in [0, 1] {
        wait_for(&folder.path().join(format!("ready{rank}")));
    }
    signal(&starter.id().to_string(), "-USR1");
    assert_eq!(starter.wait().unwrap().code(), Some(RESUME_ME.into()));
    for rank in [0, 1] {
        wait_for(&folder.path().join(format!("signal{rank}")));
    }
    let (mut stdout, mut stderr) = (String::new(), String::new());
    starter.stdout.unwrap().read_to_string(&mut stdout).unwrap();
    starter.stderr.unwrap().read_to_string(&mut stderr).unwrap();
    assert!(stdout.contains("out 0") && !stdout.contains("out 1"), "{stdout}");
    assert!(stderr.contains("out 1") && !stderr.contains("out 0"), "{stderr}");
}

#[test]
#[ignore = "a process that other tests start"]
fn body_of_a_starter_of_this_program() {
    let program = env::current_exe().unwrap();
    let arguments = ["--exact", "body_of_a_rank", "--ignored"].map(OsString::from);
    Ranks::new(2, None).unwrap().run(&program, &arguments).unwrap();
}

#[test]
#[ignore = "a process that other tests start"]
fn body_of_a_rank() {
    let launch = Launch::detect(&Flags::default(), &|name| env::var(name).ok()).unwrap();
    let Launch::Rank(placement) = launch else { panic!("{launch:?}") };
    placement.end_with_starter();
    let id = std::process::id();
    #[expect(clippy::disallowed_methods, reason = "a sign for the test, not a result")]
    fs::write(format!("id{}", placement.rank), format!("{id}\n")).unwrap();
    thread::sleep(PATIENCE * 2);
}

#[test]
fn ranks_end_when_their_starter_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut starter = starter("body_of_a_starter_of_this_program", folder.path());
    let ids = [0, 1].map(|rank| wait_for(&folder.path().join(format!("id{rank}"))));
    starter.kill().unwrap();
    starter.wait().unwrap();
    let start = Instant::now();
    for id in ids {
        // Gone, or ended and left to be waited for by init.
        let state = || fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
        while !matches!(state().rsplit(") ").next(), None | Some("")) && !state().contains(") Z ") {
            assert!(start.elapsed() < PATIENCE, "rank {id} runs on");
            thread::sleep(Duration::from_millis(10));
        }
    }
}
