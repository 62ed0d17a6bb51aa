//! Pictures that a table names.

use crate::shelf::Shelf;
use shoebox_prep::Part;
use shoebox_spec::{DataSpec, SplitSpec};

fn shelf() -> Shelf {
    Shelf::new(&["data/p/1.jpg", "data/p/2.jpg", "data/p/3.jpg", "data/p/4.jpg"])
}

const GOOD: &str = "path,label,split
p/4.jpg,nike,train
p/1.jpg,adidas,train
p/2.jpg,nike,val
p/3.jpg,adidas,val
";

const ROWS: [&str; 4] = [
    "train adidas data/p/1.jpg",
    "train nike data/p/4.jpg",
    "val adidas data/p/3.jpg",
    "val nike data/p/2.jpg",
];

#[test]
fn every_row_is_a_picture_relative_to_the_table() {
    let shelf = shelf();
    let said = shelf.scan(&shelf.table(GOOD));
    assert_eq!(said.files, ROWS);
    assert!(said.findings.is_empty(), "{:?}", said.findings);
    assert!(said.scan.folders.is_empty());
    assert!(said.scan.watched[0].ends_with("data/labels.csv"));
    let parts: Vec<_> = said.scan.parts.iter().map(|part| (part.part, part.found)).collect();
    assert_eq!(parts, [(Part::Train, 2), (Part::Val, 2)]);
}

#[test]
fn columns_come_in_any_order_and_others_are_said() {
    let shelf = shelf();
    let text = "\u{FEFF}Split, width,label , PATH,photographer\r\n\
        TRAIN,7, nike ,p/4.jpg,me\r\n\
        train,7,adidas,./p//1.jpg,\r\n\
        \r\n\
        Validation,7,nike,p/2.jpg,\r\n\
        valid,7,adidas,\"p/3.jpg\",\"a \"\"b\"\", c\"\r\n";
    let said = shelf.scan(&shelf.table(text));
    assert_eq!(said.files, ROWS);
    assert_eq!(
        said.findings,
        [
            "Note extra_columns data/labels.csv: columns that are not used: `width`, `photographer`; take them away if that misleads"
        ]
    );
}

#[test]
fn paths_may_be_absolute_and_need_no_extension() {
    let shelf = shelf();
    shelf.write("elsewhere/noextension", "");
    let path = shelf.path("elsewhere/noextension");
    let said = shelf.scan(&shelf.table(&format!("{GOOD}{},nike,test\n", path.display())));
    assert_eq!(said.files.last().unwrap(), "test nike elsewhere/noextension");
    assert!(said.findings[0].contains("test has no row of class `adidas`"), "{:?}", said.findings);
}

#[test]
fn shares_divide_a_table_without_a_split() {
    let shelf = shelf();
    let text = "path,label\np/1.jpg,a\np/2.jpg,b\n";
    let data =
        DataSpec { split: Some(SplitSpec { val: 0.5, test: 0.0, seed: 0 }), ..shelf.table(text) };
    let said = shelf.scan(&data);
    assert_eq!(said.files, ["train a data/p/1.jpg", "train b data/p/2.jpg"]);
    shelf.write("data/labels.csv", GOOD);
    assert_eq!(
        shelf.refuses(&data),
        "data/labels.csv:1: there is a column `split`, and data.split divides the pictures too; take one of the two away"
    );
}

#[test]
fn a_file_that_is_named_twice_is_used_once() {
    let shelf = shelf();
    let said =
        shelf.scan(&shelf.table(&format!("{GOOD}p/1.jpg,adidas,train\n./p/1.jpg,adidas,train\n")));
    assert_eq!(said.files, ROWS);
    assert_eq!(
        said.findings,
        [
            "Note repeated_row data/p/1.jpg data/p/1.jpg: the table names this file more than once; it is used once; remove the other rows"
        ]
    );
    assert_eq!(said.scan.parts[0].ignored, 2);
}

#[test]
fn a_way_around_leads_to_the_same_file() {
    let shelf = shelf();
    let table = shelf.table(&format!("{GOOD}p/../p/./1.jpg,adidas,train\np/../p/2.jpg,nike,train"));
    let said = shelf.scan(&table);
    assert_eq!(said.files.len(), 4);
    let kinds: Vec<_> = said.scan.findings.iter().map(|finding| &*finding.kind).collect();
    assert_eq!(kinds, ["repeated_row", "two_splits"]);
}

#[test]
fn blanks_around_values_do_not_matter() {
    let shelf = shelf();
    let said = shelf.scan(&shelf.table(&GOOD.replace(',', " , ")));
    assert_eq!((said.files, said.findings.len()), (ROWS.map(str::to_owned).to_vec(), 0));
}

#[test]
fn contradicting_rows_are_faults() {
    let shelf = shelf();
    let said = shelf.scan(&shelf.table(&format!("{GOOD}p/1.jpg,nike,train\np/2.jpg,nike,train\n")));
    assert_eq!(said.files.len(), 4);
    assert_eq!(
        said.findings,
        [
            "Error two_labels data/p/1.jpg: the table gives this file two labels; remove the wrong row",
            "Error two_splits data/p/2.jpg: the table puts this file into two splits; remove one of the rows",
        ]
    );
}

#[test]
fn rows_without_a_file_are_faults() {
    let shelf = shelf();
    let said = shelf.scan(&shelf.table(&format!(
        "{GOOD}gone/1.jpg,nike,train\ngone/2.jpg,nike,train\np,nike,val\np\\1.jpg,nike,val\np/1.jpg/x,nike,val\n"
    )));
    assert_eq!(said.files, ROWS);
    assert_eq!(
        said.findings,
        [
            "Error missing_file data/gone/1.jpg data/gone/2.jpg data/p/1.jpg/x data/p\\1.jpg: the table names this file, but it is not there; paths are relative to the table's folder; correct the row, or remove it",
            "Error not_a_file data/p: the table names this as a file, but it is none; correct the row, or remove it",
        ]
    );
}

#[test]
fn classes_select_rows() {
    let shelf = shelf();
    let select = |names: &[&str], text: &str| DataSpec {
        classes: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..shelf.table(text)
    };
    let text = format!("{GOOD}gone.jpg,puma,train\n");
    let said = shelf.scan(&select(&["nike", "adidas"], &text));
    assert_eq!(said.files, ROWS);
    assert_eq!(
        said.findings,
        [
            "Note left_out data/labels.csv: data.classes leaves out `puma`; name them there to use them"
        ]
    );
    assert_eq!(
        shelf.refuses(&select(&["nike", "addidas"], GOOD)),
        "data/labels.csv: there is no class `addidas`, which data.classes names; did you mean `adidas`? the classes are `adidas`, `nike`"
    );
}

#[test]
fn what_is_wrong_with_a_table_is_named_with_its_line() {
    let shelf = shelf();
    let refused = |text: &str| shelf.refuses(&shelf.table(text));
    let cases = [
        (
            "",
            "data/labels.csv: the table is empty; name the columns in the first line, as in path,label,split",
        ),
        (
            "path,label,split\n",
            "data/labels.csv: there is no row below the first line; add one for each picture",
        ),
        (
            "path;label;split\na;b;train\n",
            "data/labels.csv:1: the columns are separated by ';'; save the table with commas",
        ),
        (
            "file,label,split\na,b,train\n",
            "data/labels.csv:1: there is no column `path`, only `file`, `label`, `split`; the first line must name the columns, as in path,label,split",
        ),
        (
            "path,label\na,b\n",
            "data/labels.csv:1: there is no column `split`, only `path`, `label`; add it, or set data.split",
        ),
        (
            "path,label,split,label\na,b,train,c\n",
            "data/labels.csv:1: there are two columns `label`; rename one of them",
        ),
        (
            "path,label,split\r\n\r\na,b,train\r\nc,d,trian\r\n",
            "data/labels.csv:4: `trian` is no split; write `train`, `val` (or `valid`, `validation`) or `test`",
        ),
        (
            "path,label,split\na,\"b\nb\",train\nc,d,\n",
            "data/labels.csv:4: the split is empty; fill it in, or remove the row",
        ),
        (
            "path,label,split\n,b,train\n",
            "data/labels.csv:2: the path is empty; fill it in, or remove the row",
        ),
        (
            "path,label,split\na, ,train\n",
            "data/labels.csv:2: the label is empty; fill it in, or remove the row",
        ),
        (
            "path,label,split\na,b,c,train\n",
            "data/labels.csv:2: there are 4 values where the first line names 3 columns; put values with commas in them between double quotes",
        ),
        (
            "path,label,split\na,x,train\nb,y,train\n",
            "data/labels.csv: no row has the split `val`; give rows to train and to val, or set data.split instead of the column",
        ),
        (
            "path,label,split\na,x,train\nb,x,val\n",
            "data/labels.csv: there is only one label, `x`; a classifier needs at least two",
        ),
        (
            "path,label,split\na,x,train\nb,y,train\nc,Y,val\n",
            "data/labels.csv: val has labels that train has not: `Y`; add train rows with them, or take theirs away",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refused(text), message, "{text:?}");
    }
}

#[test]
fn a_table_that_is_no_text_or_not_there_is_refused() {
    let shelf = shelf();
    let data = shelf.table(GOOD);
    shoebox_artifact::atomic::write(
        data.csv.as_ref().unwrap(),
        b"path,label,split\na,b,train\n\xFF,b,val\n",
    )
    .unwrap();
    assert_eq!(
        shelf.refuses(&data),
        "data/labels.csv:3: the text is not valid UTF-8; save the table as UTF-8"
    );
    let data = DataSpec { csv: Some(shelf.path("gone.csv")), ..data };
    assert_eq!(
        shelf.refuses(&data),
        "gone.csv: cannot read the table: No such file or directory (os error 2); correct the pipeline, or pass --set data.csv=FILE"
    );
}
