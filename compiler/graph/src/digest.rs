//! Digests in hexadecimal.

use std::fmt::Write as _;

use md5::Digest as _;

/// MD5, by which dbt shortens names.
pub fn md5(text: &str) -> String {
    hexadecimal(&md5::Md5::digest(text.as_bytes()))
}

/// SHA-256, dbt's checksum of files.
pub fn sha256(text: &str) -> String {
    hexadecimal(&sha2::Sha256::digest(text.as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
