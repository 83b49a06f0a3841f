//! Shell wildcards as Python's `fnmatch` reads them.

/// Whether a text fits a pattern of `*`, `?`, `[abc]`, `[!abc]` and letters; `*` passes over dots and slashes too.
pub fn matches(pattern: &str, text: &str) -> bool {
    if !has_wildcard(pattern) {
        return pattern == text;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // The last star and how much of the text it has taken: enough to go back to, as later stars shadow earlier ones.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, from));
            at += 1;
        } else if let Some(next) = one_letter(&pattern, at, text[from]) {
            at = next;
            from += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            at = star_at + 1;
            from = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// Whether a text has a wildcard in it.
pub fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', ']'])
}

/// Where the pattern goes on after it took one letter, when it takes it.
fn one_letter(pattern: &[char], at: usize, letter: char) -> Option<usize> {
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '[' => match class_end(pattern, at) {
            Some(end) => class_has(&pattern[at + 1..end], letter).then_some(end + 1),
            None => (letter == '[').then_some(at + 1),
        },
        plain => (*plain == letter).then_some(at + 1),
    }
}

/// Where the bracket closes; a bracket right at its start is a letter of it.
fn class_end(pattern: &[char], at: usize) -> Option<usize> {
    let mut end = at + 1;
    if pattern.get(end) == Some(&'!') {
        end += 1;
    }
    if pattern.get(end) == Some(&']') {
        end += 1;
    }
    (end..pattern.len()).find(|end| pattern[*end] == ']')
}

fn class_has(class: &[char], letter: char) -> bool {
    let (is_negated, class) = match class {
        ['!', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let mut at = 0;
    let mut is_in = false;
    while at < class.len() {
        if at + 2 < class.len() && class[at + 1] == '-' {
            is_in |= (class[at]..=class[at + 2]).contains(&letter);
            at += 3;
        } else {
            is_in |= class[at] == letter;
            at += 1;
        }
    }
    is_in != is_negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_those_of_python() {
        for (pattern, text, expected) in [
            ("stg_*", "stg_orders", true),
            ("*.orders", "shop.marts.orders", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[ab]x", "bx", true),
            ("[!ab]x", "bx", false),
            ("[a-c]x", "bx", true),
            ("[x", "[x", true),
            ("*a*b", "xaxxbxb", true),
            ("*a*b", "xaxxbxc", false),
            ("exact", "exactly", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
