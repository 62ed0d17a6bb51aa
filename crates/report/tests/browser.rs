//! The page in a real browser, where one is installed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Made, Scene, make};
use shoebox_artifact::atomic;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The first Chromium on the path, or a word that the test is skipped.
fn chromium() -> Option<PathBuf> {
    let folders: Vec<_> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names
        .iter()
        .flat_map(|name| folders.iter().map(move |f| f.join(name)))
        .find(|p| p.is_file());
    if found.is_none() {
        eprintln!("skipped: there is no chromium, chromium-browser or google-chrome on the path");
    }
    found
}

/// A browser with a fresh profile that talks to nobody of its own accord.
fn browse(program: &Path, profile: &Path, arguments: &[String]) -> Output {
    let profile = format!("--user-data-dir={}", profile.display());
    let quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--hide-scrollbars",
        "--enable-logging=stderr",
    ];
    let output = Command::new(program).args(quiet).arg(profile).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What the page made the browser say in its console.
fn console(output: &Output) -> Vec<String> {
    let log = String::from_utf8_lossy(&output.stderr);
    log.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect()
}

fn page(made: &Made) -> String {
    let options = shoebox_report::Options { run: None, artifacts: made.artifacts().to_owned() };
    let index = shoebox_report::run(&options).unwrap().index;
    format!("file://{}", index.display())
}

#[test]
fn chromium_shows_headings_charts_and_pictures_and_asks_for_nothing() {
    let Some(program) = chromium() else { return };
    let made = make(&Scene::default());
    let (url, profile) = (page(&made), tempfile::tempdir().unwrap());
    let arguments = ["--dump-dom".to_owned(), url];
    let output = browse(&program, profile.path(), &arguments);
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    for heading in [
        "Accuracy of the best weights",
        "Training",
        "Validation: class by class",
        "Data",
        "Audit",
        "Set-up",
    ] {
        assert!(dom.contains(&format!(">{heading}</h2>")), "{heading}");
    }
    assert_eq!(dom.matches("<img ").count(), 8 + 1);
    assert_eq!(dom.matches("<svg class=\"chart\"").count(), 6);
    assert_eq!(console(&output), Vec::<String>::new());
}

/// The page's own policy forbids every request, and the browser says so in
/// its console. That it does is shown by a page that asks for a picture.
#[test]
fn a_request_to_the_network_would_show_in_the_console() {
    let Some(program) = chromium() else { return };
    let made = make(&Scene::default());
    let (url, profile) = (page(&made), tempfile::tempdir().unwrap());
    let spoilt = made.html().replace("</main>", "<img src=\"http://localhost/x.png\"></main>");
    atomic::write(&made.run.report().join("index.html"), spoilt.as_bytes()).unwrap();
    let output = browse(&program, profile.path(), &["--dump-dom".to_owned(), url]);
    let console = console(&output);
    assert!(console.iter().any(|line| line.contains("Content Security Policy")), "{console:?}");
}

#[test]
fn chromium_draws_the_page_light_and_dark_wide_and_narrow() {
    let Some(program) = chromium() else { return };
    let made = make(&Scene::default());
    let (url, profile) = (page(&made), tempfile::tempdir().unwrap());
    let shoot = |name: &str, size: &str, theme: &[&str]| {
        let path = profile.path().join(name);
        let mut arguments =
            vec![format!("--screenshot={}", path.display()), format!("--window-size={size}")];
        arguments.extend(theme.iter().map(|flag| (*flag).to_owned()));
        arguments.push(url.clone());
        browse(&program, profile.path(), &arguments);
        image::open(path).unwrap().to_rgb8()
    };
    let light = shoot("light.png", "1200,1600", &[]);
    let narrow = shoot("narrow.png", "500,1600", &[]);
    let dark = shoot("dark.png", "1200,1600", &["--blink-settings=preferredColorScheme=0"]);
    for (name, shot) in [("light", &light), ("narrow", &narrow), ("dark", &dark)] {
        let colours: std::collections::HashSet<_> = shot.pixels().collect();
        assert!(colours.len() > 100, "{name} has {} colours", colours.len());
    }
    assert_eq!(light.get_pixel(2, 2).0, [0xf6, 0xf6, 0xf3]);
    assert_eq!(dark.get_pixel(2, 2).0, [0x11, 0x14, 0x18]);
}
