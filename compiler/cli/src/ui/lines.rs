//! The shape of dbt's lines: `1 of 5 START sql view model … [RUN]`, `3 models`.

/// How wide lines are, `1 of 5 OK … ....... [OK in 0.05s]`: dots up to `width`, then the status.
pub(crate) fn progress_line(
    message: &str,
    status: &str,
    place: Option<(usize, usize)>,
    seconds: Option<f64>,
    width: usize,
) -> String {
    let progress = place.map_or_else(String::new, |(index, total)| format!("{index} of {total} "));
    let prefix = format!("{progress}{message} ");
    let dots = ".".repeat(width.saturating_sub(prefix.chars().count()));
    let time = seconds.map_or_else(String::new, |seconds| format!(" in {seconds:.2}s"));
    format!("{prefix}{dots} [{status}{time}]")
}

/// `1 model`, `2 models`, with dbt's irregular words.
pub(crate) fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        return format!("{count} {word}");
    }
    let words = match word {
        "analysis" => "analyses".to_owned(),
        "saved query" => "saved queries".to_owned(),
        "test" => "data tests".to_owned(),
        _ => format!("{word}s"),
    };
    format!("{count} {words}")
}

/// ` in 0 hours 0 minutes and 0.28 seconds`.
pub(crate) fn duration(seconds: f64) -> String {
    let hours = (seconds / 3600.0).floor();
    let minutes = ((seconds - hours * 3600.0) / 60.0).floor();
    let rest = seconds - hours * 3600.0 - minutes * 60.0;
    format!(" in {hours:.0} hours {minutes:.0} minutes and {rest:.2} seconds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_dots_up_to_the_width_and_never_fewer_than_none() {
        let line = progress_line("START sql view model main.a", "RUN", Some((1, 5)), None, 40);
        assert_eq!(line, "1 of 5 START sql view model main.a ..... [RUN]");
        let line = progress_line(
            "OK created a very long name indeed",
            "OK",
            Some((12, 100)),
            Some(0.054),
            20,
        );
        assert_eq!(line, "12 of 100 OK created a very long name indeed  [OK in 0.05s]");
    }

    #[test]
    fn counts_and_durations_are_told_in_dbts_words() {
        assert_eq!(plural(2, "analysis"), "2 analyses");
        assert_eq!(plural(1, "model"), "1 model");
        assert_eq!(
            (plural(1, "test"), plural(2, "test")),
            ("1 test".into(), "2 data tests".into())
        );
        assert_eq!(duration(3723.5), " in 1 hours 2 minutes and 3.50 seconds");
    }
}
