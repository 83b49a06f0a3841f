//! Safe file names out of names: ASCII, no blanks, no percent signs, unique even where case does not count.

use std::collections::BTreeSet;

const LONGEST: usize = 80;

/// Gives file names for one folder.
#[derive(Debug, Default)]
pub struct Slugs {
    taken: BTreeSet<String>,
}

impl Slugs {
    /// The file name of `name`. `unique_id` tells names apart that look alike; ask in the order of ids.
    pub fn slug(&mut self, name: &str, unique_id: &str) -> String {
        let mut plain = String::with_capacity(name.len());
        for character in name.chars() {
            match character {
                'a'..='z' | '0'..='9' | '_' | '.' | '-' => plain.push(character),
                'A'..='Z' => plain.push(character.to_ascii_lowercase()),
                _ if plain.ends_with('-') => {}
                _ => plain.push('-'),
            }
        }
        // A leading underscore or dot hides a file from some static hosts; a trailing dot is lost on Windows.
        let trimmed = plain.trim_matches(['_', '.', '-']);
        let mut slug = trimmed[..trimmed.len().min(LONGEST)].to_owned();
        let changed = slug.len() != name.len() || !slug.eq_ignore_ascii_case(name);
        if changed || is_reserved(&slug) || self.taken.contains(&slug) {
            let separator = if slug.is_empty() { "" } else { "-" };
            slug = format!("{slug}{separator}{:08x}", hash(unique_id));
        }
        while !self.taken.insert(slug.clone()) {
            slug.push('x');
        }
        slug
    }
}

/// Names that Windows keeps for devices, with any extension.
fn is_reserved(slug: &str) -> bool {
    let stem = slug.split('.').next().unwrap_or_default();
    matches!(stem, "con" | "prn" | "aux" | "nul" | "index")
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")))
}

/// FNV-1a: short, and the same everywhere.
pub fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays() {
        assert_eq!(
            Slugs::default().slug("stg_orders.v2", "model.a.stg_orders.v2"),
            "stg_orders.v2"
        );
    }

    #[test]
    fn blanks_and_foreign_letters_become_dashes_with_a_hash() {
        let slug = Slugs::default().slug("Größe & Preis 100%", "model.a.x");
        assert!(slug.starts_with("gr-e-preis-100-"), "{slug}");
        assert!(slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{slug}");
        assert_ne!(Slugs::default().slug("売上", "model.a.売上"), "");
    }

    #[test]
    fn names_that_differ_in_case_get_two_files() {
        let mut slugs = Slugs::default();
        let first = slugs.slug("Orders", "model.a.Orders");
        assert_ne!(first, slugs.slug("orders", "model.a.orders"));
    }

    #[test]
    fn devices_of_windows_and_hidden_files_are_avoided() {
        let mut slugs = Slugs::default();
        assert_ne!(slugs.slug("nul", "a"), "nul");
        assert!(!slugs.slug("_private", "b").starts_with('_'));
    }
}
