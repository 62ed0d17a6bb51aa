//! What lies in folders besides pictures with plain names.

use crate::shelf::Shelf;

fn tidy() -> Shelf {
    Shelf::new(&["data/a/1.jpg", "data/b/2.jpg"])
}

#[test]
fn what_operating_systems_leave_behind_is_counted_and_not_used() {
    let shelf = tidy();
    for litter in [".DS_Store", "Thumbs.db", "desktop.ini", "._1.jpg", "__MACOSX/1.jpg"] {
        shelf.write(&format!("data/{litter}"), "");
        shelf.write(&format!("data/a/{litter}"), "");
    }
    let said = shelf.scan(&shelf.tree(None));
    assert_eq!(said.files.len(), 2);
    assert_eq!(said.scan.parts[0].ignored, 0);
    assert_eq!(
        said.findings,
        [
            "Note litter data: left out 10 hidden files and the like (Thumbs.db, desktop.ini, …); rename what is a picture"
        ]
    );
    assert_eq!(said.scan.folders[0].entries, 7, "litter counts as an entry of the folder");
}

#[test]
fn files_of_other_kinds_are_one_finding() {
    let shelf = tidy();
    for file in ["a/notes.txt", "a/noextension", "b/raw.CR2", "list.txt", "more.txt"] {
        shelf.write(&format!("data/{file}"), "");
    }
    let said = shelf.scan(&shelf.tree(None));
    assert_eq!(
        said.findings,
        [
            "Warning not_a_picture data/a/noextension data/a/notes.txt data/b/raw.CR2: its extension is not that of a picture; name it after its format if it is one (jpg, png, webp, gif, bmp, tif), or take it away",
            "Warning loose_files data: 2 files lie beside the class folders and are not used; move pictures into the folder of their class",
        ]
    );
    assert_eq!(said.scan.findings[0].count, 3);
    assert_eq!(said.scan.parts[0].ignored, 5);
}

#[test]
fn a_thousand_paths_are_kept_and_all_are_counted() {
    let shelf = tidy();
    shelf.write("data/a/first.txt", "");
    for number in 1..1200 {
        let link = shelf.path(&format!("data/a/{number}.txt"));
        std::fs::hard_link(shelf.path("data/a/first.txt"), link).unwrap();
    }
    let said = shelf.scan(&shelf.tree(None));
    assert_eq!((said.scan.findings[0].paths.len(), said.scan.findings[0].count), (1000, 1200));
}

#[test]
fn spaces_and_other_letters_are_no_oddity() {
    let shelf = Shelf::new(&["data/a b/ö 1.JPG", "data/a b/,\"'.jPeG", "data/b/ .png"]);
    let said = shelf.scan(&shelf.tree(None));
    assert_eq!(
        said.files,
        ["train a b data/a b/,\"'.jPeG", "train a b data/a b/ö 1.JPG", "train b data/b/ .png"]
    );
    assert!(said.findings.is_empty());
}

#[test]
fn every_empty_class_is_named() {
    let shelf = tidy();
    std::fs::create_dir_all(shelf.path("data/c")).unwrap();
    shelf.write("data/d/.hidden.jpg", "");
    let said = shelf.scan(&shelf.tree(None));
    assert_eq!(
        said.findings.last().unwrap(),
        "Error empty_class data/c data/d: there is no picture in this class folder; add pictures to it, or take the folder away"
    );
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use shoebox_artifact::atomic;
    use std::{
        ffi::OsStr,
        fs,
        os::unix::{ffi::OsStrExt, fs::PermissionsExt, net::UnixListener},
    };

    #[test]
    fn names_that_are_not_text_are_faults_where_they_would_be_used() {
        let shelf = tidy();
        let name = |folder: &str, bytes| shelf.path(folder).join(OsStr::from_bytes(bytes));
        atomic::write(&name("data/a", b"\xFF.jpg"), b"").unwrap();
        atomic::write(&name("data/b", b"\xFE.jpg"), b"").unwrap();
        atomic::write(&name("data/a", b"\xFF.txt"), b"").unwrap();
        fs::create_dir(name("data", b"\xFFoo")).unwrap();
        let said = shelf.scan(&shelf.tree(None));
        assert_eq!(said.files.len(), 2);
        assert_eq!(
            said.findings[..2],
            [
                "Error bad_name data/a/\u{FFFD}.jpg data/b/\u{FFFD}.jpg data/\u{FFFD}oo: the name is not valid UTF-8; rename it",
                "Warning not_a_picture data/a/\u{FFFD}.txt: its extension is not that of a picture; name it after its format if it is one (jpg, png, webp, gif, bmp, tif), or take it away",
            ]
        );
    }

    #[test]
    fn a_folder_that_may_not_be_listed_is_a_fault_and_the_rest_is_looked_at() {
        let shelf = Shelf::new(&["data/a/1.jpg", "data/b/2.jpg", "data/c/3.jpg"]);
        let folder = shelf.path("data/b");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read_dir(&folder).is_ok() {
            eprintln!("skipped: permissions do not bind this user");
            return;
        }
        let said = shelf.scan(&shelf.tree(None));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(said.files.len(), 2);
        assert_eq!(
            said.findings,
            [
                "Error unreadable_folder data/b: cannot list the folder: Permission denied (os error 13); check that you may read it"
            ]
        );
    }

    #[test]
    fn what_is_no_file_is_never_opened() {
        let shelf = tidy();
        let _socket = UnixListener::bind(shelf.path("data/a/s.jpg")).unwrap();
        let said = shelf.scan(&shelf.tree(None));
        assert_eq!(said.files.len(), 2);
        assert_eq!(
            said.findings,
            [
                "Warning not_a_file data/a/s.jpg: a pipe, a socket or a device, which is not read; remove it"
            ]
        );
    }

    #[test]
    fn links_that_lead_nowhere_are_said_and_count_as_pictures_by_their_names() {
        let shelf = tidy();
        shelf.link("gone.jpg", "data/a/x.jpg");
        shelf.link("y.jpg", "data/a/y.jpg");
        shelf.link("gone", "data/a/z");
        shelf.link("gone", "data/c");
        let said = shelf.scan(&shelf.tree(None));
        assert_eq!(
            said.files,
            [
                "train a data/a/1.jpg",
                "train a data/a/x.jpg",
                "train a data/a/y.jpg",
                "train b data/b/2.jpg"
            ]
        );
        assert_eq!(
            said.findings,
            [
                "Warning broken_link data/a/x.jpg data/a/y.jpg data/a/z data/c: a symbolic link that leads nowhere; restore what it led to, or remove the link"
            ]
        );
        assert_eq!(said.scan.parts[0].ignored, 2);
    }
}
