//! Texts in headers: a coordinator reads them byte by byte, as Latin-1.

use ureq::http::HeaderValue;

/// Whether a text has a place in a header.
pub(crate) fn is_latin(text: &str) -> bool {
    header_value(text).is_some()
}

/// The text as a header takes it; nothing where a letter is none of Latin-1, or a line would end.
pub(crate) fn header_value(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> =
        text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// The text that stands in a header.
pub(crate) fn text_of(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_is_one_byte() {
        let header = header_value("Éva").unwrap();
        assert_eq!(header.as_bytes(), b"\xc9va");
        assert_eq!(text_of(&header), "Éva");
        assert!(!is_latin("Ева") && !is_latin("a\nb"));
    }
}
