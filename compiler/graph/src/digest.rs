//! Digests in hexadecimal.

use adapter_interface::hexadecimal;
use md5::Digest as _;

/// MD5, by which dbt shortens names.
pub fn md5(text: &str) -> String {
    hexadecimal(&md5::Md5::digest(text.as_bytes()))
}

/// SHA-256, dbt's checksum of files.
pub fn sha256(text: &str) -> String {
    hexadecimal(&sha2::Sha256::digest(text.as_bytes()))
}
