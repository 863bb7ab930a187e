//! Broken files are told with file and line, and the rest is judged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "what the example uses of it"
)]

#[path = "../examples/sample-log/table.rs"]
mod table;
#[path = "../examples/sample-log/write.rs"]
mod write;

use std::fs;
use std::path::Path;

use audit::report::{Outcome, Report};
use sample::accesses::AccessLog;

const LOG: AccessLog = AccessLog {
    seed: 7,
    people: 500,
    rows: 2_000,
};

fn report(dir: &Path) -> Report {
    let audit = audit::open(&dir.join("audit.toml")).unwrap_or_else(|error| panic!("{error}"));
    audit.run(2, decide::Time(0), &|_| {}).unwrap()
}

/// A sample log in one file, which something happens to before it is audited.
fn after(form: &str, break_it: impl FnOnce(&Path)) -> Report {
    let dir = tempfile::tempdir().unwrap();
    write::all(dir.path(), LOG, form, 1);
    break_it(&dir.path().join(format!("log-000.{form}")));
    report(dir.path())
}

fn told(report: &Report) -> Vec<(String, u64, Option<u64>)> {
    let line = |it: &audit::report::NotJudged| (it.reason.clone(), it.rows, it.places[0].line);
    report.not_judged.iter().map(line).collect()
}

fn change_line(path: &Path, number: usize, to: &[u8]) {
    let bytes = fs::read(path).unwrap();
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    lines[number - 1] = to;
    fs::write(path, lines.join(&b'\n')).unwrap();
}

#[test]
fn a_bad_row_in_the_middle_is_told_with_its_line_and_the_rest_is_judged() {
    for (line, reason) in [
        (&b"{\"at\":"[..], "the line is not one JSON object"),
        (
            b"{\"at\":\"2025-02-30T00:00:00Z\"}",
            "the time is not in the form that the mapping names",
        ),
        (
            b"{\"at\":\"2025-02-03T00:00:00\"}",
            "the time has no zone, and the mapping names none (times without-zone)",
        ),
        (
            b"{\"at\":\"1970-01-01T00:00:01Z\"}",
            "the time lies before 1990 or after 2099",
        ),
        (
            b"{\"at\":\"2025-02-03T00:00:00Z\"}",
            "the row names no partner",
        ),
        (b"{\"at\":\"\xff\"}", "the line is not UTF-8 text"),
        (
            b"{\"at\":1,\"at\":2}",
            "a member comes twice, or is not of its kind",
        ),
    ] {
        let report = after("ndjson", |path| change_line(path, 1_000, line));
        assert_eq!(told(&report), [(reason.to_owned(), 1, Some(1_000))]);
        assert_eq!(
            (report.totals.rows, report.totals.not_judged),
            (2_000, 1),
            "{reason}"
        );
        assert_eq!(report.totals.permitted + report.totals.refused, 1_999);
    }
}

#[test]
fn in_csv_too() {
    let report = after("csv", |path| {
        change_line(path, 7, b"2025-01-01T00:00:00Z,partner-01")
    });
    assert_eq!(
        told(&report),
        [(
            "the row has more or fewer cells than the heading".to_owned(),
            1,
            Some(7)
        )]
    );
    assert_eq!(report.totals.rows, 2_000);
}

#[test]
fn another_encoding_is_told_line_by_line() {
    // Latin-1 in one row.
    let report = after("csv", |path| {
        change_line(
            path,
            1_000,
            b"2025-01-01T00:00:00Z,caf\xe9,1000,pd:Name,own,",
        );
    });
    assert_eq!(
        told(&report),
        [("the line is not UTF-8 text".to_owned(), 1, Some(1_000))]
    );
    assert_eq!(report.totals.permitted + report.totals.refused, 1_999);
    // A file in UTF-16, as spreadsheets write it: no row of it can be read, and each is counted.
    for (form, first) in [("csv", 2), ("ndjson", 1)] {
        let report = after(form, |path| {
            let text = fs::read_to_string(path).unwrap();
            let wide = std::iter::once(0xfeff).chain(text.encode_utf16());
            let bytes: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
            fs::write(path, bytes).unwrap();
        });
        let told = told(&report);
        let lost: u64 = told.iter().map(|(_, rows, _)| rows).sum();
        assert!((2_000..=2_001).contains(&lost), "{form}: {told:?}");
        assert!(
            told.iter().any(|it| it.2 == Some(first)),
            "{form}: {told:?}"
        );
        assert_eq!(report.totals.permitted + report.totals.refused, 0, "{form}");
        assert_eq!(report.outcome(), Outcome::NotJudged);
    }
    // A mark at the beginning that says UTF-8 loses nothing.
    let report = after("csv", |path| {
        let text = fs::read(path).unwrap();
        fs::write(path, [b"\xef\xbb\xbf", text.as_slice()].concat()).unwrap();
    });
    assert_eq!((report.totals.rows, report.totals.not_judged), (2_000, 0));
}

#[test]
fn a_truncated_parquet_file_is_told_and_other_files_are_judged() {
    let dir = tempfile::tempdir().unwrap();
    write::all(dir.path(), LOG, "parquet", 2);
    let path = dir.path().join("log-000.parquet");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let report = report(dir.path());
    let told = told(&report);
    assert_eq!((told.len(), told[0].1, told[0].2), (1, 0, None));
    assert!(told[0].0.contains("has lost its end"), "{told:?}");
    assert_eq!(report.not_judged[0].places[0].file, "log-000.parquet");
    assert_eq!(report.totals.rows, 1_000);
}

/// The sample log in Parquet, in row groups of 500 rows.
fn in_small_groups(dir: &Path) -> std::path::PathBuf {
    write::all(dir, LOG, "parquet", 1);
    let path = dir.join("log-000.parquet");
    let whole = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        fs::File::open(&path).unwrap(),
    )
    .unwrap();
    let schema = whole.schema().clone();
    let batches: Vec<_> = whole.with_batch_size(500).build().unwrap().collect();
    let file = fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, schema, None).unwrap();
    for batch in batches {
        writer.write(&batch.unwrap()).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    path
}

#[test]
fn a_row_group_that_cannot_be_read_is_told_with_its_rows_and_the_others_are_judged() {
    let dir = tempfile::tempdir().unwrap();
    let path = in_small_groups(dir.path());
    let foot = parquet::arrow::arrow_reader::ArrowReaderMetadata::load(
        &fs::File::open(&path).unwrap(),
        Default::default(),
    )
    .unwrap();
    let column = foot.metadata().row_group(1).column(0);
    let (start, length) = column.byte_range();
    let mut bytes = fs::read(&path).unwrap();
    bytes[start as usize..(start + length) as usize].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let report = report(dir.path());
    let told = told(&report);
    assert_eq!((told.len(), told[0].1, told[0].2), (1, 500, Some(501)));
    assert!(told[0].0.contains("row group cannot be read"), "{told:?}");
    assert_eq!((report.totals.rows, report.totals.not_judged), (2_000, 500));
}

/// Whatever bytes are damaged: there is a report, and no row is in it twice or left out.
#[test]
fn damage_anywhere_in_parquet_loses_rows_but_no_report() {
    let dir = tempfile::tempdir().unwrap();
    let path = in_small_groups(dir.path());
    let sound = fs::read(&path).unwrap();
    let mut dice = 7u64;
    let mut throw = |sides: usize| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides
    };
    let mut told_of = 0;
    for round in 0..60 {
        let mut bytes = sound.clone();
        for _ in 0..1 + round % 8 {
            let at = throw(bytes.len());
            bytes[at] ^= 1 << throw(8);
        }
        fs::write(&path, &bytes).unwrap();
        let report = report(dir.path());
        let totals = report.totals;
        assert_eq!(
            totals.permitted + totals.refused + totals.not_judged,
            totals.rows,
            "round {round}"
        );
        told_of += usize::from(!report.not_judged.is_empty());
    }
    assert!(told_of > 5, "{told_of} of 60 files were told of");
}

#[test]
fn a_packed_file_that_breaks_off_is_judged_up_to_where_it_breaks() {
    for form in ["ndjson.gz", "ndjson.zst", "csv.gz"] {
        let report = after(form, |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() * 2 / 3]).unwrap();
        });
        let told = told(&report);
        assert_eq!((told.len(), told[0].1), (1, 0), "{form}: {told:?}");
        assert!(
            told[0].0.contains("cannot be read on from here"),
            "{form}: {told:?}"
        );
        assert_ne!(report.outcome(), Outcome::Clean);
    }
}

#[test]
fn mixed_zones_and_clocks_that_jump_are_remarked_on_and_lose_nothing() {
    let plain = after("ndjson", |_| {});
    let report = after("ndjson", |path| {
        let text = fs::read_to_string(path).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.swap(100, 300);
        fs::write(path, lines.join("\n")).unwrap();
    });
    assert_eq!(plain.findings, report.findings);
    let what: Vec<&str> = report
        .remarks
        .iter()
        .map(|remark| remark.what.as_str())
        .collect();
    assert!(
        what.iter().any(|what| what.contains("goes back")),
        "{what:?}"
    );
    assert!(
        what.iter().any(|what| what.contains("jumps ahead")),
        "{what:?}"
    );
    assert_eq!(
        report
            .remarks
            .iter()
            .find(|it| it.what.contains("jumps ahead"))
            .unwrap()
            .place
            .line,
        Some(101)
    );
    let zones = after("ndjson", |path| {
        let line = fs::read_to_string(path)
            .unwrap()
            .lines()
            .nth(499)
            .unwrap()
            .to_owned();
        let at = line.find("Z\"").unwrap();
        change_line(
            path,
            500,
            format!("{}+00:30{}", &line[..at], &line[at + 1..]).as_bytes(),
        );
    });
    assert!(
        zones
            .remarks
            .iter()
            .any(|it| it.what.contains("zones are mixed") && it.place.line == Some(500)),
        "{:?}",
        zones.remarks
    );
    assert_eq!(zones.totals.rows, 2_000);
}

#[test]
fn in_csv_and_parquet_too_a_clock_that_jumps_is_told_with_file_and_row() {
    let swapped = after("csv", |path| {
        let text = fs::read_to_string(path).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(101, 301);
        fs::write(path, lines.join("\n")).unwrap();
    });
    // The second and the third row group change places: the clock jumps where two groups meet.
    let dir = tempfile::tempdir().unwrap();
    let path = in_small_groups(dir.path());
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        fs::File::open(&path).unwrap(),
    )
    .unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<_> = reader.with_batch_size(500).build().unwrap().collect();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(fs::File::create(&path).unwrap(), schema, None)
            .unwrap();
    for group in [0, 2, 1, 3] {
        writer.write(batches[group].as_ref().unwrap()).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let moved = report(dir.path());
    for (report, file, back, ahead) in [
        (&swapped, "log-000.csv", 103, 102),
        (&moved, "log-000.parquet", 1_001, 501),
    ] {
        let line = |what: &str| {
            let remark = report.remarks.iter().find(|it| it.what.contains(what));
            remark.map(|it| (it.place.file.as_str(), it.place.line))
        };
        assert_eq!(line("goes back"), Some((file, Some(back))));
        assert_eq!(line("jumps ahead"), Some((file, Some(ahead))));
    }
    assert_eq!((moved.totals.rows, moved.totals.not_judged), (2_000, 0));
}

#[test]
fn without_lists_nothing_is_called_clean() {
    let dir = tempfile::tempdir().unwrap();
    write::all(dir.path(), LOG, "csv", 1);
    let plan = fs::read_to_string(dir.path().join("audit.toml")).unwrap();
    let without: String = plan
        .split("\n\n")
        .filter(|part| !part.contains("[[list]]") && !part.contains("[[bystanders]]"))
        .collect::<Vec<_>>()
        .join("\n\n");
    fs::write(dir.path().join("audit.toml"), without).unwrap();
    let report = report(dir.path());
    let questions: std::collections::BTreeSet<String> = report
        .open
        .iter()
        .map(|open| open.question.to_string())
        .collect();
    for question in [
        "bystanders",
        "connections",
        "consents",
        "bars",
        "people gone quiet",
    ] {
        assert!(
            questions.iter().any(|it| it.starts_with(question)),
            "{question}: {questions:?}"
        );
    }
    assert_eq!(report.totals.open, report.totals.permitted);
}

/// An empty end means "never": what cannot be read as a moment must not pass for an empty one.
#[test]
fn a_list_in_parquet_whose_times_have_no_zone_is_told_and_nothing_of_it_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    write::all(dir.path(), LOG, "parquet", 1);
    let plan = fs::read_to_string(dir.path().join("audit.toml")).unwrap();
    fs::write(
        dir.path().join("audit.toml"),
        plan.replace("bars.parquet", "local.parquet"),
    )
    .unwrap();
    let table = |times: arrow_array::ArrayRef| {
        let people: arrow_array::ArrayRef =
            std::sync::Arc::new(arrow_array::Int64Array::from(vec![1_000, 1_001]));
        let bars: arrow_array::ArrayRef =
            std::sync::Arc::new(arrow_array::StringArray::from(vec!["everything"; 2]));
        let batch = arrow_array::RecordBatch::try_from_iter([
            ("person", people),
            ("bar", bars),
            ("set", times.clone()),
            ("lifted", times),
        ])
        .unwrap();
        let file = fs::File::create(dir.path().join("local.parquet")).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    };
    let at = 1_735_689_600_000;
    let local = arrow_array::TimestampMillisecondArray::from(vec![at; 2]);
    table(std::sync::Arc::new(local.clone()));
    let report = report(dir.path());
    let told = told(&report);
    assert_eq!((told.len(), told[0].1, told[0].2), (1, 2, Some(1)));
    assert!(told[0].0.contains("has no zone"), "{told:?}");
    assert_eq!(
        report.totals.rows, LOG.rows,
        "rows of lists are no accesses"
    );
    assert!(report.totals.permitted > 0);

    table(std::sync::Arc::new(arrow_array::BooleanArray::from(vec![
        true, false,
    ])));
    let error = audit::open(&dir.path().join("audit.toml"))
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("local.parquet") && error.contains("the column set"),
        "{error}"
    );
}
