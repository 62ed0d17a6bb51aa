//! Folders inside class folders, links between folders, and selected classes.

use crate::shelf::Shelf;
use shoebox_prep::Part;
use shoebox_spec::{DataSpec, Nesting};

const DEEP: [&str; 6] = [
    "data/men/nike/1.jpg",
    "data/men/adidas/2.jpg",
    "data/men/adidas/air/3.jpg",
    "data/women/nike/4.jpg",
    "data/women/nike-air/5.jpg",
    "data/women/nike/0.jpg",
];

#[test]
fn without_labels_inner_folders_are_not_searched_and_that_is_said() {
    let shelf = Shelf::new(&["data/nike/1.jpg", "data/nike/old/2.jpg", "data/adidas/3.jpg"]);
    let said = shelf.scan(&shelf.tree(None));
    assert_eq!(said.files, ["train adidas data/adidas/3.jpg", "train nike data/nike/1.jpg"]);
    assert_eq!(
        said.findings,
        [
            "Warning nested_folder data/nike/old: a folder inside a class folder is not searched; set data.labels to `top` or `leaf`, or move its pictures one level up"
        ]
    );
    assert_eq!((said.scan.parts[0].found, said.scan.parts[0].ignored), (2, 1));
}

#[test]
fn a_class_with_nothing_but_folders_points_to_labels() {
    let shelf = Shelf::new(&DEEP);
    let said = shelf.scan(&shelf.tree(None));
    assert!(said.files.is_empty());
    assert_eq!(
        said.findings.last().unwrap(),
        "Error empty_class data/men data/women: there is no picture in this class folder, only folders; set data.labels to `top` or `leaf` to search them, or take the folder away"
    );
}

#[test]
fn by_top_the_first_folder_names_the_class() {
    let shelf = Shelf::new(&DEEP);
    let said = shelf.scan(&shelf.tree(Some(Nesting::Top)));
    assert_eq!(said.scan.class_names, ["men", "women"]);
    assert_eq!(
        said.files,
        [
            "train men data/men/adidas/2.jpg",
            "train men data/men/adidas/air/3.jpg",
            "train men data/men/nike/1.jpg",
            // `-` comes before `/`.
            "train women data/women/nike-air/5.jpg",
            "train women data/women/nike/0.jpg",
            "train women data/women/nike/4.jpg",
        ]
    );
    assert!(said.findings.is_empty(), "{:?}", said.findings);
    let folders: Vec<u64> = said.scan.folders.iter().map(|folder| folder.entries).collect();
    assert_eq!(folders, [2, 2, 2, 1, 1, 2, 2, 1]);
}

#[test]
fn by_leaf_the_last_folder_names_the_class() {
    let shelf = Shelf::new(&DEEP);
    let said = shelf.scan(&shelf.tree(Some(Nesting::Leaf)));
    assert_eq!(said.scan.class_names, ["adidas", "air", "nike", "nike-air"]);
    assert_eq!(
        said.files,
        [
            "train adidas data/men/adidas/2.jpg",
            "train air data/men/adidas/air/3.jpg",
            "train nike data/men/nike/1.jpg",
            "train nike data/women/nike/0.jpg",
            "train nike data/women/nike/4.jpg",
            "train nike-air data/women/nike-air/5.jpg",
        ]
    );
    assert_eq!(
        said.findings,
        [
            "Warning mixed_folder data/men/adidas: there are pictures beside the folders, so this folder is a class of its own; move them into one of the folders, or select with data.classes",
            "Note joined_folders data/men/nike: folders of this name in different branches are one class; rename them, or set data.labels to `top`, if they should not be",
        ]
    );
}

#[test]
fn by_leaf_a_folder_without_anything_in_it_is_an_empty_class() {
    let shelf = Shelf::new(&["data/a/x/1.jpg", "data/a/y/2.jpg", "data/a/z/notes.txt"]);
    let said = shelf.scan(&shelf.tree(Some(Nesting::Leaf)));
    assert_eq!(said.scan.class_names, ["x", "y", "z"]);
    assert_eq!(
        said.findings[1],
        "Error empty_class data/a/z: there is no picture in this class folder; add pictures to it, or take the folder away"
    );
}

#[test]
fn labels_hold_for_every_part() {
    let shelf = Shelf::new(&[
        "data/train/a/x/1.jpg",
        "data/train/b/y/1.jpg",
        "data/val/c/x/2.jpg",
        "data/val/y/2.jpg",
    ]);
    let data = DataSpec { labels: Some(Nesting::Leaf), ..shelf.folders() };
    let said = shelf.scan(&data);
    let val: Vec<_> = said.files.iter().filter(|file| file.starts_with("val")).collect();
    assert_eq!(val, ["val x data/val/c/x/2.jpg", "val y data/val/y/2.jpg"]);
    assert_eq!(said.scan.parts[1].part, Part::Val);
    assert!(said.findings.is_empty());
}

fn selected(data: DataSpec, names: &[&str]) -> DataSpec {
    DataSpec { classes: Some(names.iter().map(|&name| name.to_owned()).collect()), ..data }
}

#[test]
fn classes_select_and_stay_sorted() {
    let shelf = Shelf::new(&[
        "data/train/puma/1.jpg",
        "data/train/nike/1.jpg",
        "data/train/adidas/1.jpg",
        "data/val/puma/1.jpg",
        "data/val/nike/1.jpg",
        // Nobody asks for it, so it need not be in train.
        "data/val/asics/1.jpg",
    ]);
    let said = shelf.scan(&selected(shelf.folders(), &["puma", "nike"]));
    assert_eq!(said.scan.class_names, ["nike", "puma"]);
    assert_eq!(said.files.len(), 4);
    assert_eq!(
        said.findings,
        ["Note left_out data/train: data.classes leaves out `adidas`; name them there to use them"]
    );
    let searched = said.scan.folders.iter().any(|folder| folder.path.ends_with("train/adidas"));
    assert!(!searched, "what is left out is not listed");
}

#[test]
fn a_selected_class_that_is_not_there_is_named_with_the_nearest() {
    let shelf = Shelf::new(&["data/nike/1.jpg", "data/adidas/1.jpg", "data/puma/1.jpg"]);
    assert_eq!(
        shelf.refuses(&selected(shelf.tree(None), &["nike", "addidas"])),
        "data: there is no class `addidas`, which data.classes names; did you mean `adidas`? the classes are `adidas`, `nike`, `puma`"
    );
    assert_eq!(
        shelf.refuses(&selected(shelf.tree(None), &["nike", "XYZ"])),
        "data: there is no class `XYZ`, which data.classes names; the classes are `adidas`, `nike`, `puma`"
    );
}

#[test]
fn classes_select_among_leaves() {
    let shelf = Shelf::new(&DEEP);
    let data = selected(shelf.tree(Some(Nesting::Leaf)), &["nike", "air"]);
    let said = shelf.scan(&data);
    assert_eq!(said.scan.class_names, ["air", "nike"]);
    assert!(
        said.findings.iter().any(|finding| finding.contains("leaves out `adidas`, `nike-air`"))
    );
}

#[test]
fn one_folder_is_refused_as_several_are() {
    let shelf = Shelf::new(&[]);
    assert_eq!(
        shelf.refuses(&shelf.tree(None)),
        "data: there is no such folder (data.path); correct the pipeline, or pass --set data.path=FOLDER"
    );
    shelf.write("data/1.jpg", "");
    assert_eq!(
        shelf.refuses(&shelf.tree(None)),
        "data: there is no class folder, only 1 file; put the pictures of each class into a sub-folder that is named after it"
    );
    shelf.write("data/nike/1.jpg", "");
    assert_eq!(
        shelf.refuses(&shelf.tree(None)),
        "data: there is only one class, `nike`; a classifier needs at least two class folders"
    );
}

#[cfg(unix)]
mod links {
    use super::*;

    #[test]
    fn links_to_files_and_folders_are_followed() {
        let shelf = Shelf::new(&["data/a/1.jpg", "data/b/2.jpg", "elsewhere/c/3.jpg"]);
        shelf.link("../../elsewhere/c/3.jpg", "data/a/0.jpg");
        shelf.link("../elsewhere/c", "data/c");
        let said = shelf.scan(&shelf.tree(None));
        assert_eq!(
            said.files,
            [
                "train a data/a/0.jpg",
                "train a data/a/1.jpg",
                "train b data/b/2.jpg",
                "train c data/c/3.jpg"
            ]
        );
        assert!(said.findings.is_empty(), "{:?}", said.findings);
    }

    #[test]
    fn a_link_back_is_said_and_not_followed() {
        let shelf = Shelf::new(&["data/a/x/1.jpg", "data/b/2.jpg"]);
        shelf.link("../..", "data/a/x/up");
        shelf.link(".", "data/self");
        for labels in [Nesting::Top, Nesting::Leaf] {
            let said = shelf.scan(&shelf.tree(Some(labels)));
            assert_eq!(said.files.len(), 2);
            assert_eq!(
                said.findings,
                [
                    "Warning link_loop data/a/x/up data/self: a link back to a folder above it, which is not followed; remove the link"
                ]
            );
        }
    }

    #[test]
    fn links_that_branch_do_not_multiply() {
        let shelf = Shelf::new(&["data/other/1.jpg"]);
        for level in 0..40 {
            shelf.write(&format!("data/a/{level}/1.jpg"), "");
            if level < 39 {
                shelf.link(&format!("../{}", level + 1), &format!("data/a/{level}/l"));
                shelf.link(&format!("../{}", level + 1), &format!("data/a/{level}/r"));
            }
        }
        let top = shelf.scan(&shelf.tree(Some(Nesting::Top)));
        assert_eq!(top.files.len(), 41);
        let leaf = shelf.scan(&shelf.tree(Some(Nesting::Leaf)));
        assert_eq!(leaf.scan.class_names.len(), 43, "40 levels, `l`, `r` and `other`");
    }

    #[test]
    fn a_folder_under_two_labels_is_used_twice_and_said() {
        let shelf = Shelf::new(&["data/a/1.jpg", "data/b/2.jpg"]);
        shelf.link("b", "data/c");
        let said = shelf.scan(&shelf.tree(None));
        assert_eq!(said.files.len(), 3);
        assert_eq!(
            said.findings,
            [
                "Warning same_folder data/c: the same folder as data/b, so its pictures are used more than once; remove the link, or name another folder, if that is not meant"
            ]
        );
    }

    #[test]
    fn the_same_folder_for_two_parts_is_said_once() {
        let shelf = Shelf::new(&["data/train/a/1.jpg", "data/train/b/2.jpg"]);
        shelf.link("train", "data/val");
        let said = shelf.scan(&shelf.folders());
        assert_eq!(said.files.len(), 4);
        assert_eq!(said.findings.len(), 1);
        assert!(
            said.findings[0]
                .starts_with("Warning same_folder data/val: the same folder as data/train,")
        );
    }
}
