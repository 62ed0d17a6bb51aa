//! The whole of `prep`, in the order in which it happens.

use crate::{
    PrepError,
    absorb::Reading,
    absorbed::Absorbed,
    build::{self, Build},
    decide::decide,
    identity::Identity,
    ledger::{self, Stamp},
    picture::Digest,
    prepare::Recipe,
    progress::Progress,
    prune::leftovers,
    scan::{Scan, scan},
    store::Store,
    summary::Summary,
};
use shoebox_artifact::{
    Artifacts,
    atomic::{self, AtomicDir},
    fingerprint::{self, digest_json},
    records::{Prepared, Source, Sources},
};
use shoebox_cache::{Purpose, TensorCache, row_bytes};
use shoebox_spec::DataSpec;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

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
    let size = scan.files.len() as u64 * row_bytes(data.image_size.0);
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
}

struct Run<'a> {
    data: &'a DataSpec,
    artifacts: &'a Artifacts,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    fn prepare(&self, scan: Scan, pipeline: &str) -> Result<Outcome, PrepError> {
        let key = digest_json(self.data);
        let stamps = ledger::stamps(&scan.files);
        let (known, is_recorded) =
            ledger::known_digests(self.artifacts, &key, &scan.files, &stamps);
        let existing = self.find_existing(&scan, &known);
        let outcome = match existing {
            Some(cache) => {
                if !is_recorded {
                    let fingerprint = cache.manifest().fingerprint.clone();
                    let files = scan.files.iter().map(|file| file.path.clone());
                    let files = files
                        .zip(stamps)
                        .zip(known)
                        .map(|((path, stamp), digest)| source(path, stamp, digest.as_ref()));
                    self.record_sources(&key, &scan, fingerprint, files.collect())?;
                }
                Outcome { cache, up_to_date: true, decoded: 0 }
            }
            None => self.build(scan, &key, &stamps, &known)?,
        };
        self.record_pipeline(pipeline, key, &outcome.cache)?;
        Ok(outcome)
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
        stamps: &[Stamp],
        known: &[Option<Digest>],
    ) -> Result<Outcome, PrepError> {
        let _lock = self.artifacts.lock_caches()?;
        for leftover in leftovers(self.artifacts) {
            // One that stays is only wasted space.
            let _ = fs::remove_dir_all(leftover);
        }
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
        self.record_sources(key, &scan, fingerprint, sources(absorbed))?;
        Ok(Outcome { cache, up_to_date, decoded })
    }

    fn record_sources(
        &self,
        key: &str,
        scan: &Scan,
        fingerprint: String,
        mut files: Vec<Source>,
    ) -> Result<(), PrepError> {
        for path in &scan.watched {
            files.push(watched(path)?);
        }
        let header = Sources {
            format_version: Sources::FORMAT_VERSION,
            fingerprint,
            folders: scan.folders.len() as u64,
            files: files.len() as u64,
        };
        let path = self.artifacts.sources(key);
        Ok(header.write(&path, scan.folders.iter(), files.into_iter())?)
    }

    /// Notes which cache the pipeline uses, unless that is noted already.
    fn record_pipeline(
        &self,
        pipeline: &str,
        key: String,
        cache: &TensorCache,
    ) -> Result<(), PrepError> {
        let record = Prepared {
            format_version: Prepared::FORMAT_VERSION,
            pipeline: pipeline.to_owned(),
            key,
            fingerprint: cache.manifest().fingerprint.clone(),
        };
        let path = self.artifacts.prepared(pipeline);
        if Prepared::read(&path).ok().as_ref() != Some(&record) {
            atomic::write_json(&path, &record)?;
        }
        Ok(())
    }
}

fn source(path: String, stamp: Stamp, digest: Option<&Digest>) -> Source {
    let digest = digest.map(Digest::to_string).unwrap_or_default();
    Source { path, bytes: stamp.bytes, modified_ns: stamp.modified_ns, digest }
}

/// The files as they were read.
fn sources(absorbed: Absorbed) -> Vec<Source> {
    let pictures = absorbed.pictures.into_iter().zip(absorbed.stamps);
    let pictures = pictures
        .map(|(picture, stamp)| source(picture.candidate.path, stamp, Some(&picture.digest)));
    let refused = absorbed.refused.into_iter();
    let refused = refused.map(|file| source(file.candidate.path, file.stamp, file.digest.as_ref()));
    pictures.chain(refused).collect()
}

/// A file that is no picture, but that the scan depends on.
fn watched(path: &str) -> Result<Source, PrepError> {
    let digest = fingerprint::digest_file(Path::new(path))?;
    let stamp = ledger::stamp(Path::new(path));
    let (bytes, modified_ns) = (stamp.bytes, stamp.modified_ns);
    Ok(Source { path: path.to_owned(), bytes, modified_ns, digest })
}
