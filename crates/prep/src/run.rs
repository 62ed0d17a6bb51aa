//! The whole of `prep`, in the order in which it happens.

use crate::{
    PrepError,
    absorb::Reading,
    build::{self, Build},
    check::spare_bytes,
    decide::decide,
    identity::Identity,
    ledger::{self, Ledger, Recorded},
    picture::Digest,
    prepare::Recipe,
    progress::Progress,
    prune::leftovers,
    recording::{present, record_pipeline, record_sources, source, sources},
    scan::{Scan, scan},
    soundness::forget,
    store::Store,
    summary::Summary,
};
use shoebox_artifact::{
    Artifacts,
    atomic::AtomicDir,
    fingerprint::digest_json,
    records::{Sources, SourcesReader, Stamp},
};
use shoebox_cache::{CacheError, Purpose, TensorCache, row_bytes};
use shoebox_spec::DataSpec;
use std::{fs, path::PathBuf, slice, time::Instant};

/// What to prepare, and where to.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The pipeline's data section.
    pub data: DataSpec,
    /// The pipeline's file, as the user names it.
    pub pipeline: String,
    /// The artifacts folder, which need not exist yet.
    pub artifacts: PathBuf,
}

/// Prepares the cache of a data section, or finds it up to date.
///
/// # Errors
/// A [`PrepError`]; there is then no new cache, and an older one is as it was.
pub fn run(options: &Options, progress: &dyn Progress) -> Result<Summary, PrepError> {
    let start = Instant::now();
    let (data, artifacts) = (&options.data, Artifacts::new(&options.artifacts));
    let scan = scan(data)?;
    let files = scan.files.len();
    let size = files as u64 * row_bytes(data.image_size.0) + spare_bytes(data, files, files);
    let run = Run { data, artifacts: &artifacts, progress };
    let outcome = run
        .prepare(scan, &options.pipeline)
        .map_err(|error| error.explain_write(artifacts.root(), size))?;
    progress.finish();
    Summary::new(outcome, start.elapsed())
}

/// A cache, and how it came about.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) cache: TensorCache,
    /// Whether it was there already.
    pub(crate) up_to_date: bool,
    /// Files that had to be decoded.
    pub(crate) decoded: u64,
    /// Facts with their remedies.
    pub(crate) warnings: Vec<String>,
}

struct Run<'a> {
    data: &'a DataSpec,
    artifacts: &'a Artifacts,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    fn prepare(&self, scan: Scan, pipeline: &str) -> Result<Outcome, PrepError> {
        let key = digest_json(&self.data.preparation());
        let present = present(&scan)?;
        let stamps = ledger::stamps(&scan.files);
        let ledger = ledger::read(self.artifacts, &key, &scan.files, &stamps);
        let mut outcome = match self.find_existing(&scan, &ledger.digests) {
            Some(cache) => self.keep(cache, &scan, &key, present, &stamps, ledger)?,
            None => self
                .build(scan, &key, present, &stamps, &ledger.digests)
                .inspect_err(|error| self.note_damage(error))?,
        };
        let fingerprint = &outcome.cache.manifest().fingerprint;
        outcome.warnings.extend(record_pipeline(self.artifacts, pipeline, key, fingerprint));
        Ok(outcome)
    }

    /// Takes a cache as it is, and notes anew what it was made of if some of
    /// that has been touched. Where the note cannot be written, one that names
    /// this cache will do: the pictures are then compared by content.
    fn keep(
        &self,
        cache: TensorCache,
        scan: &Scan,
        key: &str,
        present: Recorded,
        stamps: &[Stamp],
        ledger: Ledger,
    ) -> Result<Outcome, PrepError> {
        let fingerprint = cache.manifest().fingerprint.clone();
        let present = Recorded { fingerprint: fingerprint.clone(), ..present };
        let mut warnings = Vec::new();
        if ledger.own.as_ref() != Some(&present) {
            let files = scan.files.iter().map(|file| file.path.clone());
            let files = files.zip(stamps).zip(ledger.digests);
            let files = files.map(|((path, stamp), digest)| source(path, *stamp, digest.as_ref()));
            if let Err(error) = record_sources(self.artifacts, key, present, files.collect()) {
                let names_it = |record: SourcesReader| record.header().fingerprint == fingerprint;
                if !Sources::open(&self.artifacts.sources(key)).is_ok_and(names_it) {
                    return Err(error.into());
                }
                warnings.push(format!("{error}; the pictures are compared by content each time"));
            }
        }
        Ok(Outcome { cache, up_to_date: true, decoded: 0, warnings })
    }

    /// A file that was known to be right and is not is read by the next run.
    fn note_damage(&self, error: &PrepError) {
        if let PrepError::Cache(CacheError::Damaged { path, .. }) = error {
            forget(self.artifacts, slice::from_ref(path));
        }
    }

    /// The cache of these files, when all of their contents are known and it
    /// is there.
    fn find_existing(&self, scan: &Scan, known: &[Option<Digest>]) -> Option<TensorCache> {
        let mut identity = Identity::new(self.data, &scan.class_names, &scan.findings);
        for (file, digest) in scan.files.iter().zip(known) {
            identity.add_file(file, Some(digest.as_ref()?));
        }
        let fingerprint = identity.finish();
        build::existing(&self.artifacts.cache(&fingerprint), &fingerprint)
    }

    /// Reads what has to be read and makes the cache, as the only one who does.
    fn build(
        &self,
        mut scan: Scan,
        key: &str,
        present: Recorded,
        stamps: &[Stamp],
        known: &[Option<Digest>],
    ) -> Result<Outcome, PrepError> {
        let _lock = self.artifacts.lock_caches()?;
        for leftover in leftovers(self.artifacts) {
            // One that stays is only wasted space.
            let _ = fs::remove_dir_all(leftover);
        }
        self.artifacts.remove_stale_files();
        let recipe = Recipe::new(self.data);
        let mut store = Store::open(self.artifacts, &recipe);
        let spool = AtomicDir::create(&self.artifacts.spool())?;
        let identity = Identity::new(self.data, &scan.class_names, &scan.findings);
        let purpose = match self.data.split {
            None => Purpose::Publish,
            Some(_) => Purpose::Scratch,
        };
        let audit = self.data.audit.rules().is_some();
        let reading = Reading { recipe, audit, spool: &spool, purpose };
        let files = std::mem::take(&mut scan.files);
        let mut absorbed =
            reading.absorb(files, stamps, known, &mut store, identity, self.progress)?;
        let fingerprint = absorbed.identity.finish();
        let decoded = absorbed.decoded;
        let existing = build::existing(&self.artifacts.cache(&fingerprint), &fingerprint);
        let up_to_date = existing.is_some();
        let cache = match existing {
            Some(cache) => cache,
            None => {
                let decided = decide(self.data, &scan, &mut absorbed, &store)?;
                let build = Build {
                    fingerprint: fingerprint.clone(),
                    recipe,
                    class_names: scan.class_names.clone(),
                    parts: &decided.parts,
                    absorbed: &absorbed,
                    dropped: decided.dropped,
                    store: &store,
                    audit: decided.audit,
                };
                build.publish(self.artifacts, self.progress)?
            }
        };
        let present = Recorded { fingerprint, ..present };
        record_sources(self.artifacts, key, present, sources(absorbed))?;
        // Until here, its files give stamps to those of the cache.
        drop(spool);
        store.soundness.record(self.artifacts, (!up_to_date).then_some(&cache))?;
        let warnings = store.warnings((!up_to_date).then_some(cache.folder()));
        Ok(Outcome { cache, up_to_date, decoded, warnings })
    }
}
