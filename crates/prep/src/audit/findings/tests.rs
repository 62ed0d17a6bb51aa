use super::{Subject, arrange, findings, is_fatal, shown_by_decoding};
use crate::{
    audit::{
        dropped,
        scenes::{Scene, groups_of, picture, scene},
    },
    facts::{Format, Notes},
    picture::{Part, Picture},
    prepare::Recipe,
};
use shoebox_artifact::records::{Finding, Severity};
use shoebox_spec::{AuditRules, DataSpec, Filter, Leakage, Resize};

/// A data set that a test spoils in its own way.
struct Data {
    pictures: Vec<Picture>,
    scenes: Vec<Scene>,
    class_names: Vec<String>,
    recipe: Recipe,
    rules: AuditRules,
}

impl Data {
    /// Sixty training and six val pictures, half of each class, with nothing
    /// to say about them.
    fn sound() -> Self {
        let mut spec = DataSpec::of_folders("data/train", "data/val");
        spec.image_size.0 = [64, 64];
        let mut data = Self {
            pictures: Vec::new(),
            scenes: Vec::new(),
            class_names: ["adidas", "nike"].map(str::to_owned).into(),
            recipe: Recipe::new(&spec),
            rules: AuditRules::default(),
        };
        (0..66).for_each(|number| {
            let part = if number < 60 { Part::Train } else { Part::Val };
            data.add(part, number % 2, scene(100 + number));
        });
        data
    }

    fn add(&mut self, part: Part, label: u32, scene: Scene) -> &mut Picture {
        let class = &self.class_names[label as usize];
        let path = format!("data/{part}/{class}/{:03}.jpg", self.pictures.len());
        let mut added = picture(&path, scene);
        (added.candidate.part, added.candidate.label) = (part, label);
        self.scenes.push(scene);
        self.pictures.push(added);
        self.pictures.last_mut().unwrap()
    }

    fn findings(&self) -> Vec<Finding> {
        let groups = groups_of(&self.pictures, &self.scenes, self.rules.near_duplicates);
        let subject = Subject {
            pictures: &self.pictures,
            dropped: &dropped(&self.pictures, &groups, self.rules.leakage),
            class_names: &self.class_names,
            sources: &[(Part::Train, "data/train".to_owned())],
            recipe: &self.recipe,
            rules: &self.rules,
        };
        findings(&subject, &groups)
    }

    /// The only finding there is.
    fn finding(&self) -> Finding {
        let mut found = self.findings();
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }
}

fn kinds(findings: &[Finding]) -> Vec<(&str, Severity)> {
    findings.iter().map(|finding| (finding.kind.as_str(), finding.severity)).collect()
}

#[test]
fn sound_data_has_no_findings() {
    assert_eq!(Data::sound().findings(), []);
}

#[test]
fn small_rows_of_single_pixels_hide_copies() {
    let mut data = Data::sound();
    for (number, picture) in data.pictures.iter_mut().enumerate() {
        (picture.facts.width, picture.facts.height) = (128, 128 + number as u32);
    }
    assert_eq!(data.findings(), []);
    (data.pictures[7].facts.width, data.pictures[7].facts.height) = (129, 129);
    let finding = data.finding();
    assert_eq!((finding.kind.as_str(), finding.severity), ("sparse", Severity::Note));
    assert_eq!((finding.count, &*finding.paths[0]), (1, "data/train/nike/007.jpg"));
    data.recipe.resize = Resize::Stretch(Filter::BilinearAntialias);
    assert_eq!(data.findings(), []);
}

#[test]
fn copies_within_a_part_are_named() {
    let mut data = Data::sound();
    data.add(Part::Train, 0, scene(100));
    data.add(Part::Train, 0, scene(100));
    let finding = data.finding();
    assert_eq!((finding.kind.as_str(), finding.count), ("exact_duplicate", 3));
    assert_eq!(finding.fact, "one and the same picture, 3 times in train");
    assert_eq!(finding.paths[0], "data/train/adidas/000.jpg");
    assert_eq!(finding.paths[2], "data/train/adidas/067.jpg");
}

#[test]
fn like_pictures_within_a_part_are_a_note() {
    let mut data = Data::sound();
    data.add(Part::Val, 1, Scene { shift: 1, ..scene(61 + 100) });
    let finding = data.finding();
    assert_eq!((finding.kind.as_str(), finding.severity), ("near_duplicate", Severity::Note));
    assert_eq!(finding.fact, "nearly the same picture, twice in val");
}

#[test]
fn leakage_is_as_grave_as_the_spec_says() {
    let mut data = Data::sound();
    data.add(Part::Val, 0, Scene { shift: 1, ..scene(100) });
    let finding = data.finding();
    assert_eq!((finding.kind.as_str(), finding.severity), ("leakage", Severity::Warning));
    assert_eq!(finding.fact, "nearly the same picture in train and val");
    assert_eq!(finding.paths, ["data/train/adidas/000.jpg", "data/val/adidas/066.jpg"]);
    assert!(!is_fatal(&finding));
    data.rules.leakage = Leakage::Error;
    assert!(is_fatal(&data.finding()));
    data.rules.leakage = Leakage::Drop;
    let finding = data.finding();
    assert_eq!((finding.kind.as_str(), finding.severity), ("leakage_dropped", Severity::Note));
    assert!(finding.fact.ends_with("; left out of train, kept in val"), "{}", finding.fact);
}

#[test]
fn one_content_under_two_labels_is_an_error_and_a_likeness_a_warning() {
    let mut data = Data::sound();
    data.add(Part::Train, 1, scene(100));
    let found = data.findings();
    let wanted = [("two_labels", Severity::Error), ("exact_duplicate", Severity::Warning)];
    assert_eq!(kinds(&found), wanted);
    assert_eq!(found[0].fact, "one and the same picture, labelled as `adidas` and `nike`");
    assert!(!is_fatal(&found[0]));

    let mut data = Data::sound();
    data.add(Part::Train, 1, Scene { shift: 1, ..scene(100) });
    let wanted = [("two_labels", Severity::Warning), ("near_duplicate", Severity::Note)];
    assert_eq!(kinds(&data.findings()), wanted);
}

#[test]
fn rare_classes_are_named_with_their_numbers() {
    let mut data = Data::sound();
    data.class_names.push("puma".to_owned());
    (0..3).for_each(|number| {
        data.add(Part::Train, 2, scene(200 + number));
    });
    let found = data.findings();
    let wanted = [("class_imbalance", Severity::Warning), ("few_pictures", Severity::Warning)];
    assert_eq!(kinds(&found), wanted);
    assert_eq!(found[0].fact, "30 pictures to learn `adidas` from, but 3 for `puma`");
    assert_eq!(found[1].fact, "fewer than 10 pictures to learn from for `puma` (3)");
    assert_eq!(found[0].place(), "data/train");
}

#[test]
fn no_pictures_at_all_are_no_panic() {
    let mut data = Data::sound();
    (data.pictures, data.scenes) = (Vec::new(), Vec::new());
    // A class without pictures is a fault, which is named elsewhere.
    assert_eq!(data.findings(), []);
}

#[test]
fn sizes_far_from_the_recipe_are_named() {
    let mut data = Data::sound();
    data.recipe.resize = Resize::Stretch(Filter::BilinearAntialias);
    (data.pictures[4].facts.width, data.pictures[4].facts.height) = (31, 40);
    (data.pictures[2].facts.width, data.pictures[2].facts.height) = (1300, 1290);
    let found = data.findings();
    assert_eq!(kinds(&found), [("small", Severity::Warning), ("huge", Severity::Note)]);
    assert!(found[0].fact.contains("half of 64×64") && found[0].fact.contains("31×40"));
    assert_eq!(found[1].paths, ["data/train/adidas/002.jpg"]);
}

#[test]
fn what_an_aspect_ratio_costs_depends_on_the_resize() {
    let mut data = Data::sound();
    (data.pictures[4].facts.width, data.pictures[4].facts.height) = (129, 64);
    (data.pictures[6].facts.width, data.pictures[6].facts.height) = (128, 64);
    let Resize::Stretch(filter) = data.recipe.resize else { panic!("another default") };
    for (resize, word) in [
        (Resize::Stretch(filter), "squeezed"),
        (Resize::CenterCrop(filter), "cut away"),
        (Resize::Letterbox(filter), "black"),
    ] {
        data.recipe.resize = resize;
        let finding = data.finding();
        assert_eq!((finding.kind.as_str(), finding.count), ("aspect_ratio", 1));
        assert!(finding.fact.contains(word), "{}", finding.fact);
    }
}

#[test]
fn extensions_that_lie_are_one_finding_for_each_content() {
    let mut data = Data::sound();
    data.pictures[3].facts.format = Format::Png;
    data.pictures[5].facts.format = Format::Png;
    data.pictures[6].facts.format = Format::Gif;
    data.pictures[7].candidate.path = "data/train/nike/no extension".to_owned();
    data.pictures[7].facts.format = Format::Png;
    data.pictures[9].candidate.path = "data/train/nike/9.JPEG".to_owned();
    let found = data.findings();
    assert_eq!(kinds(&found), [("wrong_extension", Severity::Note); 2]);
    let png = found.iter().find(|finding| finding.fact.starts_with("a PNG by")).unwrap();
    assert_eq!(png.paths, ["data/train/nike/003.jpg", "data/train/nike/005.jpg"]);
}

#[test]
fn blank_pictures_are_named() {
    let mut data = Data::sound();
    data.add(Part::Train, 0, scene(0));
    assert_eq!(data.finding().kind, "blank");
}

#[test]
fn every_treatment_is_named_and_only_repairs_with_the_audit_off() {
    let mut data = Data::sound();
    let notes = [
        Notes::ROTATED,
        Notes::CMYK,
        Notes::GREY,
        Notes::ALPHA,
        Notes::DEEP,
        Notes::FIRST_FRAME,
        Notes::REPAIRED,
    ];
    for (picture, note) in data.pictures.iter_mut().zip(notes) {
        picture.facts.notes = note;
    }
    let found = data.findings();
    assert_eq!(found.len(), notes.len());
    assert_eq!((found[0].kind.as_str(), found[0].severity), ("repaired", Severity::Warning));
    assert!(found[1..].iter().all(|finding| finding.severity == Severity::Note));
    assert_eq!(shown_by_decoding(&data.pictures), found[..1]);
}

#[test]
fn many_paths_are_cut_short_and_counted() {
    let mut data = Data::sound();
    for number in 0..1500u32 {
        let mut copy = data.pictures[0].clone();
        copy.candidate.path = format!("data/train/adidas/copy{number:04}.jpg");
        copy.facts.notes = Notes::GREY;
        data.pictures.push(copy);
        data.scenes.push(data.scenes[0]);
    }
    let found = data.findings();
    let grey = found.iter().find(|finding| finding.kind == "converted_grey").unwrap();
    assert_eq!((grey.count, grey.paths.len()), (1500, Finding::MAX_PATHS));
}

#[test]
fn findings_are_sorted_by_gravity_kind_and_path() {
    let finding = |severity, kind: &str, path: &str| {
        Finding::new(kind, severity, vec![path.to_owned()], "a fact", "a remedy")
    };
    let mut found = vec![
        finding(Severity::Note, "blank", "a"),
        finding(Severity::Warning, "small", "b"),
        finding(Severity::Warning, "small", "a"),
        finding(Severity::Error, "two_labels", "z"),
        finding(Severity::Warning, "huge", "c"),
    ];
    arrange(&mut found);
    let places: String = found.iter().map(Finding::place).collect();
    assert_eq!(places, "zcaba");
}
