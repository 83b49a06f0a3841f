//! "Did you mean …?"

/// The known name nearest to a wrong one, when it is near enough to be what was meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_lower = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wrong_lower, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.84)
        // Ties go to the name that comes first in the alphabet, whatever the order of `known`.
        .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(one.1)))
        .map(|(_, name)| name)
}

/// A hint that names the nearest known name.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(wrong, known).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(nearest("stg_order", ["customers", "stg_orders"]), Some("stg_orders"));
        assert_eq!(nearest("xyz", ["customers", "stg_orders"]), None);
    }
}
