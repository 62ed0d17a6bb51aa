//! Ctrl-C and other signals: the first one ends training cleanly, the second one at once.
#![cfg(unix)]

use crate::programs::train_command;
use shoebox_artifact::records::{RunRecord, RunStatus};
use shoebox_model::Checkpoint;
use shoebox_tests::Project;
use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStderr, Command, Stdio},
};

/// A training at work, and what it says.
pub struct Training {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Training {
    pub fn start(project: &Project, args: &[&str]) -> Self {
        let mut command = train_command(project, args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    /// Reads on until a line that has `text`.
    pub fn wait_for(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended before it said `{text}`");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends `INT`, `TERM` or the like.
    pub fn send(&self, signal: &str) {
        let (script, id) = ("kill -\"$1\" \"$0\"", self.child.id().to_string());
        assert!(Command::new("sh").args(["-c", script, &id, signal]).status().unwrap().success());
    }

    pub fn status(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

#[test]
fn the_first_one_ends_training_with_both_checkpoints() {
    let project = Project::prepared();
    let mut training = Training::start(&project, &["--set", "train.epochs=100000"]);
    training.wait_for("epoch   1/100000");
    training.send("INT");
    training.wait_for("ending after this step");
    training.wait_for("interrupted; both checkpoints are kept");
    assert_eq!(training.status(), Some(1));
    let run = project.artifacts().newest_run().unwrap();
    assert_eq!(RunRecord::read(&run.record()).unwrap().status, RunStatus::Interrupted);
    for path in [run.best_checkpoint(), run.last_checkpoint()] {
        let checkpoint = Checkpoint::read(&path).unwrap();
        assert!(checkpoint.card.epoch >= 1);
        checkpoint.network(tch::Device::Cpu).unwrap();
    }
}

#[test]
fn before_the_first_epoch_ends_the_last_checkpoint_is_kept() {
    let project = Project::prepared();
    // An epoch of 48 slow steps; one of them is waited for.
    let wide = "{filters: 512, kernel: 5, padding: same}";
    let first = format!("model.layers.1.conv2d={wide}");
    let second = format!("model.layers.3.conv2d={wide}");
    let args = ["--set", "train.batch_size=1", "--set", &first, "--set", &second];
    let mut training = Training::start(&project, &args);
    training.wait_for("run ");
    training.send("INT");
    training.wait_for("interrupted; the last checkpoint is kept");
    assert_eq!(training.status(), Some(1));
    let run = project.artifacts().newest_run().unwrap();
    assert!(!run.best_checkpoint().exists());
    Checkpoint::read(&run.last_checkpoint()).unwrap();
}

#[test]
fn the_second_one_ends_the_program_at_once() {
    let project = Project::prepared();
    // One step takes many seconds; none of them is waited for.
    let wide = "{filters: 512, kernel: 11, padding: same}";
    let first = format!("model.layers.1.conv2d={wide}");
    let second = format!("model.layers.3.conv2d={wide}");
    let args = ["--set", "train.batch_size=48", "--set", &first, "--set", &second];
    let mut training = Training::start(&project, &args);
    training.wait_for("run ");
    training.send("INT");
    training.wait_for("ending after this step");
    training.send("INT");
    assert_eq!(training.status(), Some(130));
    // A step that had been waited for would have ended the run cleanly.
    let run = project.artifacts().newest_run().unwrap();
    assert_eq!(RunRecord::read(&run.record()).unwrap().status, RunStatus::Running);
}
