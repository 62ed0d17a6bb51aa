//! Training and evaluation: what turns a cache and a spec into weights and
//! figures.
//!
//! Owns the loader (seeded order, batches gathered ahead of the device), the
//! optimizers and schedules, the fit loop with early stopping and checkpoints
//! as Keras documents them, and evaluation. The programs `train` and
//! `evaluate` are thin faces over [`train`] and [`evaluate_run()`]. Refuses a
//! cache whose pictures have changed, and a loss that is not a number. Knows
//! nothing of picture formats.

mod accumulate;
mod aside;
mod augment;
mod board;
mod calibrate;
mod campaign;
mod chance;
mod ema;
mod error;
mod evaluate;
mod evaluate_run;
mod exact;
mod figures;
mod find_lr;
mod fit;
mod gather;
mod grid;
mod head_first;
mod loader;
mod loop_state;
mod loss;
mod material;
mod measure;
mod observer;
pub mod optimizer;
mod order;
mod pass;
mod resume;
mod run;
mod saver;
mod schedule;
mod setting;
mod standing;
mod step;
mod summary;
mod tally;
mod view;
mod watch;

pub use campaign::{
    CampaignObserver, CampaignOutcome, CampaignStart, resume_campaign, train_campaign,
};
pub use error::TrainError;
pub use evaluate::evaluate;
pub use evaluate_run::{EvaluateOptions, Evaluated, evaluate_run};
pub use figures::{calibration_notes, figures};
pub use find_lr::{RangeTest, RangeTestObserver, find_learning_rate};
pub use loader::{Batch, Loader, Mixed};
pub use observer::{EpochSummary, HeadEpoch, Means, Observer, Resumption, RunStart, StepProgress};
pub use order::{Order, Visit, epoch_order};
pub use resume::Resume;
pub use run::{Outcome, TrainOptions, train};
pub use schedule::Schedule;
pub use summary::{model_summary, summary};
pub use view::View;
pub use watch::{BestEpoch, EarlyStopping, Verdict};
