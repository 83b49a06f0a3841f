//! Kinds of columns as agate finds them.

use adapter_interface::Datum;

use super::*;

/// A seed with all its rows.
#[derive(Debug)]
struct SeedContents {
    columns: Vec<(String, SeedType)>,
    rows: Vec<Vec<Datum>>,
    renamed: Vec<(String, String)>,
}

fn open(bytes: &[u8]) -> OpenSeed {
    let bytes = bytes.to_vec();
    Arc::new(move || Ok(Box::new(io::Cursor::new(bytes.clone()))))
}

fn read_seed(
    bytes: &[u8],
    delimiter: u8,
    text_columns: &[&str],
) -> Result<SeedContents, SeedFailure> {
    let contents = super::read_seed(open(bytes), delimiter, text_columns)?;
    let rows = contents.rows()?.collect::<Result<Vec<_>, _>>()?;
    assert_eq!(rows.len(), contents.row_count()?);
    Ok(SeedContents { columns: contents.columns, rows, renamed: contents.renamed })
}

fn kind(values: &str) -> SeedType {
    let text = format!("x\n{}\n", values.replace('|', "\n"));
    read_seed(text.as_bytes(), b',', &[]).unwrap().columns[0].1
}

#[test]
fn columns_take_the_first_kind_that_fits_all_values() {
    for (values, expected) in [
        ("1|2|null", SeedType::Integer),
        ("1.0|2", SeedType::Integer),
        ("1.5|2", SeedType::Number),
        ("\"1,000\"|$5|7%", SeedType::Integer),
        ("2024-01-01|2024-1-2", SeedType::Date),
        ("2024-02-30", SeedType::Text),
        ("2024-01-01 10:00:00|null", SeedType::Timestamp),
        ("2024-01-01T10:00:00Z", SeedType::Timestamp),
        ("2024-01-01T10:00:00Z|2024-01-01 10:00:00", SeedType::Text),
        ("2024-01-01|2024-01-01 10:00:00", SeedType::Text),
        ("true|FALSE|null", SeedType::Boolean),
        ("true|1", SeedType::Text),
        ("yes|no", SeedType::Text),
        ("null|null", SeedType::Integer),
        ("005|1e3", SeedType::Integer),
        ("a|1", SeedType::Text),
    ] {
        assert_eq!(kind(values), expected, "{values}");
    }
}

/// `tests_data/seeds.json` holds columns with what dbt's agate makes of them.
#[test]
fn columns_are_read_as_agate_reads_them() {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../tests_data/seeds.json")).unwrap();
    let mut differences = Vec::new();
    for case in &cases {
        let contents = read_seed(case["text"].as_str().unwrap().as_bytes(), b',', &[]).unwrap();
        let values: Vec<serde_json::Value> =
            contents.rows.iter().map(|row| shown(&row[0])).collect();
        let kind = format!("{:?}", contents.columns[0].1);
        let is_same = case["kind"] == kind.as_str() && case["values"] == serde_json::json!(values);
        if !is_same {
            differences.push(format!("{case}\n    {kind} {values:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn shown(datum: &Datum) -> serde_json::Value {
    match datum {
        Datum::Boolean(value) => value.to_string().into(),
        Datum::Integer(value) => value.to_string().into(),
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Timestamp(text)
        | Datum::TimestampWithZone(text) => text.as_str().into(),
        _ => serde_json::Value::Null,
    }
}

#[test]
fn values_are_read_by_the_kind_of_their_column() {
    let text = "\u{feff}id,name,,name,price,at,day,ok\r\n1, a ,x,\"b \"\"q\"\"\",1.50,2024-01-01T10:00:00.5+02:00,2024-1-2,TRUE\r\n2,null,y\r\n";
    insta::assert_debug_snapshot!(read_seed(text.as_bytes(), b',', &[]).unwrap());
}

#[test]
fn values_are_the_same_however_they_are_padded() {
    let text = "day,at,amount,count\n2024-1-2,2024-1-02  03:04:05,0.50,-7\n2024-01-02,2024-01-02  3:04:05,00.50,007\n\
                2024-01-2,2024-01-02\u{a0}03:04:5,.5,-0\n2024-01-02,2024-01-02 03:04:05,-0.0,1e2\n";
    let contents = read_seed(text.as_bytes(), b',', &[]).unwrap();
    let day = Datum::Date("2024-01-02".to_owned());
    let at = Datum::Timestamp("2024-01-02T03:04:05".to_owned());
    let expected = [("0.50", -7), ("0.50", 7), ("0.5", 0), ("-0.0", 100)];
    for (row, (amount, count)) in contents.rows.iter().zip(expected) {
        let amount = Datum::Decimal(amount.to_owned());
        assert_eq!(*row, [day.clone(), at.clone(), amount, Datum::Integer(count)]);
    }
    assert_eq!(contents.rows[3][1], at);
}

#[test]
fn text_columns_stay_text_and_other_delimiters_work() {
    let contents = read_seed(b"zip;n\n007;1\n", b';', &["zip"]).unwrap();
    assert_eq!(contents.rows, [[Datum::Text("007".into()), Datum::Integer(1)]]);
}

#[test]
fn long_rows_and_wrong_encodings_are_refused_with_their_line() {
    let long = read_seed(b"a,b\n1,2\n1,2,3\n", b',', &[]).unwrap_err();
    assert_eq!((long.line, long.message.as_str()), (Some(3), "a row has 3 values for 2 columns"));
    assert_eq!(read_seed(b"a\n\xff\n", b',', &[]).unwrap_err().line, Some(2));
    let halves = read_seed(b"a,b\n1,2\n\xc3,\xa9\n", b',', &[]).unwrap_err();
    assert_eq!(halves.line, Some(3), "the halves of a character are in two values");
}

#[test]
fn all_rows_of_a_long_file_count() {
    let long = |last: &str| {
        let rows = (0..30_000).map(|number| format!("{number},2024-01-01\n"));
        let text: String = rows.collect();
        read_seed(format!("id,day\n{text}{last}\n").as_bytes(), b',', &[])
    };
    let kinds = |last| long(last).unwrap().columns.into_iter().map(|(_, kind)| kind).collect();
    let found: [Vec<SeedType>; 3] = ["0,2024-01-01", "0.5,2024-01-02", "x,2024"].map(kinds);
    assert_eq!(
        found,
        [
            [SeedType::Integer, SeedType::Date],
            [SeedType::Number, SeedType::Date],
            [SeedType::Text, SeedType::Text]
        ]
    );
    assert_eq!(long("1,2024-01-01,3").unwrap_err().line, Some(30_002));
}

/// A seed of which only the start was read: numbers, days and texts, with another row at its end.
fn guessed(last: &str) -> super::SeedContents {
    let rows = (0..60_000).map(|number| format!("{number},2024-01-01,\"a, b\"\n"));
    let text = format!("id,day,note\n{}{last}\n", rows.collect::<String>());
    read(open(text.as_bytes()), b',', &[], 1 << 18).unwrap()
}

#[test]
fn a_guess_is_borne_out_by_rows_that_fit() {
    let seed = guessed("60000,,c");
    let guess = seed.guess().unwrap().clone();
    assert!(seed.has_rows());
    assert_eq!(guess.row_count(), None);
    let rows = seed.rows().unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(rows.len(), 60_001);
    assert_eq!(
        rows.last().unwrap(),
        &[Datum::Integer(60_000), Datum::Null, Datum::Text("c".to_owned())]
    );
    assert_eq!((guess.row_count(), guess.is_wrong()), (Some(60_001), false));
    assert_eq!(seed.row_count(), Ok(60_001));
}

#[test]
fn a_guess_is_wrong_when_a_row_does_not_fit() {
    for last in ["0.5,2024-01-01,c", "1,soon,c", "1,2024-01-01T00:00:00,c", "1,2024-01-01,c,d"] {
        let seed = guessed(last);
        let is_whole = seed.rows().unwrap().all(|row| row.is_ok());
        assert!(!is_whole && seed.guess().unwrap().is_wrong(), "{last}");
        assert!(seed.row_count().is_err(), "{last}");
    }
}

#[test]
fn a_column_without_values_at_the_start_is_not_guessed() {
    let rows = "1,\n".repeat(100_000);
    let seed = read(open(format!("id,note\n{rows}1,x\n").as_bytes()), b',', &[], 1 << 10);
    let seed = seed.unwrap();
    assert!(seed.guess().is_none());
    assert_eq!(seed.columns[1].1, SeedType::Text);
}

#[test]
fn a_file_of_nothing_is_refused_and_one_of_headers_is_not() {
    assert!(read_seed(b"", b',', &[]).is_err());
    assert!(read_seed(b"a,b\n", b',', &[]).unwrap().rows.is_empty());
}

#[test]
fn repeated_headers_are_told_with_their_new_names() {
    let contents = read_seed(b"id,name,name,\n1,a,b,c\n", b',', &[]).unwrap();
    assert_eq!(contents.renamed, [("name".to_owned(), "name_2".to_owned())]);
}
