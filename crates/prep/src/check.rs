//! What `prep` would do, without writing anything.

use crate::{
    PrepError, build,
    desk::Desk,
    identity::Identity,
    ledger,
    picture::{Candidate, Digest, Part},
    prepare::Recipe,
    scan::{Scan, scan},
    store::Store,
    words::listed,
};
use rayon::prelude::*;
use shoebox_artifact::{
    Artifacts,
    console::one_line,
    fingerprint::digest_json,
    records::{Finding, Severity},
};
use shoebox_cache::row_bytes;
use shoebox_spec::DataSpec;
use std::{
    fmt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What a run would find and make.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The cache's folder, when there is one that is up to date.
    pub up_to_date: Option<PathBuf>,
    /// Files of each part and where they are, before any division by shares.
    pub parts: Vec<(Part, String, u64)>,
    /// Files that are to be divided by shares.
    pub is_divided: bool,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// Height and width of a row, in pixels.
    pub image_size: [u32; 2],
    /// Files whose content has to be read.
    pub unknown: u64,
    /// How long that takes, told from a few of them; nothing when none has to be.
    pub estimate: Option<Duration>,
    /// The size of the cache, in bytes, if every file is a picture.
    pub bytes: u64,
    /// What is needed besides while it is built, in bytes.
    pub spare_bytes: u64,
    /// The room that there is for it, in bytes, where the system tells.
    pub room: Option<u64>,
    /// What the folders show.
    pub findings: Vec<Finding>,
}

/// Files that are prepared to tell how long the others take.
const SAMPLE: usize = 64;

/// Looks at everything that a run would look at, but reads only a few files,
/// and those that are known but have been touched.
///
/// # Errors
/// As [`crate::run()`], for what can be seen without reading every file.
pub fn check(artifacts: &Artifacts, data: &DataSpec) -> Result<Plan, PrepError> {
    let scan = scan(data)?;
    let recipe = Recipe::new(data);
    let stamps = ledger::stamps(&scan.files);
    let known =
        ledger::read(artifacts, &digest_json(&data.preparation()), &scan.files, &stamps).digests;
    let up_to_date = find_existing(artifacts, data, &scan, &known);
    let store = Store::open(artifacts, &recipe);
    let is_new = |known: &Option<Digest>| known.is_none_or(|digest| store.find(&digest).is_none());
    let new: Vec<_> =
        scan.files.iter().zip(&known).filter(|(_, known)| is_new(known)).map(|(f, _)| f).collect();
    Ok(Plan {
        estimate: up_to_date.is_none().then(|| estimate(&new, &recipe)).flatten(),
        up_to_date,
        unknown: new.len() as u64,
        spare_bytes: spare_bytes(data, scan.files.len(), new.len()),
        bytes: scan.files.len() as u64 * row_bytes(recipe.image_size),
        room: room(artifacts.root()),
        is_divided: data.split.is_some(),
        image_size: recipe.image_size,
        parts: scan.parts.into_iter().map(|part| (part.part, part.source, part.found)).collect(),
        class_names: scan.class_names,
        findings: scan.findings,
    })
}

/// What a cache of `files` pictures takes besides its own size while it is
/// built, in bytes, when `fresh` of them have to be prepared: their rows are in
/// the spool first, and stay there while others or other places make copies of
/// them necessary.
pub(crate) fn spare_bytes(data: &DataSpec, files: usize, fresh: usize) -> u64 {
    let is_copied = data.split.is_some() || fresh < files;
    if is_copied { fresh as u64 * row_bytes(data.image_size.0) } else { 0 }
}

fn find_existing(
    artifacts: &Artifacts,
    data: &DataSpec,
    scan: &Scan,
    known: &[Option<Digest>],
) -> Option<PathBuf> {
    let mut identity = Identity::new(data, &scan.class_names, &scan.findings);
    for (file, digest) in scan.files.iter().zip(known) {
        identity.add_file(file, Some(digest.as_ref()?));
    }
    let fingerprint = identity.finish();
    build::existing(&artifacts.cache(&fingerprint), &fingerprint)
        .map(|cache| cache.folder().to_owned())
}

/// The time for all `files`, told from a few that are spread over them.
fn estimate(files: &[&Candidate], recipe: &Recipe) -> Option<Duration> {
    let count = files.len().min(SAMPLE);
    let chosen: Vec<_> = (0..count).map(|turn| files[turn * files.len() / count]).collect();
    let start = Instant::now();
    chosen.par_iter().for_each(|file| {
        let mut row = vec![0; recipe.row_bytes()];
        // A file that is no picture takes its time as well.
        let _ = Desk::with(|desk| desk.prepare(&file.path, recipe, &mut row));
    });
    (count > 0).then(|| start.elapsed().mul_f64(files.len() as f64 / count as f64))
}

/// The bytes that are free where `folder` is, or will be.
fn room(folder: &Path) -> Option<u64> {
    let present = folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let place = if present.as_os_str().is_empty() { Path::new(".") } else { present };
    let system = rustix::fs::statvfs(place).ok()?;
    Some(system.f_bavail * system.f_frsize)
}

impl Plan {
    /// Whether the cache fits on the disk, as far as that is known.
    pub fn fits(&self) -> bool {
        self.up_to_date.is_some()
            || self.room.is_none_or(|room| self.bytes + self.spare_bytes <= room)
    }

    /// How many of the findings forbid a cache.
    pub fn faults(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}

/// The text for a terminal, with a final newline.
impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = one_line(&self.class_names.join(", "));
        for (part, source, count) in &self.parts {
            match self.is_divided {
                true if *part != Part::Train => {}
                true => writeln!(out, "{source}: {count} files to be divided; classes: {classes}")?,
                false => writeln!(out, "{source}: {count} files for {part}; classes: {classes}")?,
            }
        }
        write!(out, "{}", listed(&self.findings))?;
        if let Some(cache) = &self.up_to_date {
            return writeln!(out, "{} is up to date: nothing would be written.", cache.display());
        }
        let [height, width] = self.image_size;
        let start = if self.faults() == 0 { "A" } else { "Once every error is mended, a" };
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        write!(
            out,
            "{start} cache of {height}×{width} would be built: at most {:.1} MB",
            megabytes(self.bytes)
        )?;
        match self.spare_bytes {
            0 => writeln!(out, ".")?,
            spare => writeln!(out, ", and {:.1} MB more until it is done.", megabytes(spare))?,
        }
        match self.estimate {
            None => writeln!(out, "Every row of it is there already; none has to be decoded.")?,
            Some(time) => writeln!(
                out,
                "{} files have to be read, which takes about {}.",
                self.unknown,
                duration(time)
            )?,
        }
        match (self.room, self.fits()) {
            (None, _) => Ok(()),
            (Some(room), true) => {
                writeln!(out, "There is room: {:.1} MB are free.", megabytes(room))
            }
            (Some(room), false) => {
                writeln!(out, "There is no room: only {:.1} MB are free.", megabytes(room))
            }
        }
    }
}

fn duration(time: Duration) -> String {
    match time.as_secs() {
        0..2 => "a second".to_owned(),
        seconds @ 2..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}
