//! Archives of packages unpacked: into their folder and nowhere else.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

/// More than any package has, and less than any disk.
const MOST_BYTES: u64 = 1 << 30;

/// Unpacks a gzipped archive into a folder; gives the one folder that it must consist of.
///
/// An entry that would lie elsewhere, or a link that leads elsewhere, is an error, told in words.
pub(super) fn unpack(bytes: &[u8], place: &Path) -> Result<PathBuf, String> {
    let mut archive = Archive::new(GzDecoder::new(bytes).take(MOST_BYTES));
    archive.set_preserve_permissions(false);
    archive.set_unpack_xattrs(false);
    let broken = |error: std::io::Error| format!("the archive cannot be read: {error}");
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        let shown = path.display().to_string();
        if !is_inside(&path) {
            return Err(format!("the archive has a file outside of its folder: `{shown}`"));
        }
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => {}
            EntryType::Symlink => {
                let target = entry.link_name().map_err(broken)?.unwrap_or_default().into_owned();
                if !is_inside(&path.parent().unwrap_or(Path::new("")).join(&target))
                    || target.is_absolute()
                {
                    let target = target.display();
                    return Err(format!(
                        "the archive has a link that leads outside of its folder: `{shown}` to `{target}`"
                    ));
                }
            }
            // Facts about the entries that follow.
            EntryType::XGlobalHeader | EntryType::XHeader => continue,
            _ => {
                return Err(format!(
                    "the archive has an entry that is neither file nor folder: `{shown}`"
                ));
            }
        }
        // This looks at what is on the disk by now, so that no earlier link leads it elsewhere.
        if !entry.unpack_in(place).map_err(broken)? {
            return Err(format!("the archive has a file outside of its folder: `{shown}`"));
        }
    }
    let mut folders = std::fs::read_dir(place).map_err(broken)?.filter_map(Result::ok);
    match (folders.next(), folders.next()) {
        (Some(only), None) if only.path().is_dir() => Ok(only.path()),
        _ => Err("the archive must consist of one folder, the package".to_owned()),
    }
}

/// Whether a path stays below where it starts, at every step.
fn is_inside(path: &Path) -> bool {
    let mut depth = 0_usize;
    for component in path.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 1 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    /// An archive with entries whose names are put in as they are, which `tar` itself would refuse.
    fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
        let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, kind, content) in entries {
            let mut header = Header::new_gnu();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            if *kind == EntryType::Regular {
                header.set_size(content.len() as u64);
            } else {
                header.as_old_mut().linkname[..content.len()].copy_from_slice(content.as_bytes());
                header.set_size(0);
            }
            header.set_cksum();
            let data = if *kind == EntryType::Regular { content.as_bytes() } else { b"" };
            builder.append(&header, data).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn unpacked(
        entries: &[(&str, EntryType, &str)],
    ) -> (tempfile::TempDir, Result<PathBuf, String>) {
        let around = tempfile::tempdir().unwrap();
        let place = around.path().join("inside");
        std::fs::create_dir(&place).unwrap();
        std::fs::File::create(around.path().join("secret")).unwrap().write_all(b"old").unwrap();
        let result = unpack(&archive(entries), &place);
        (around, result)
    }

    #[test]
    fn a_package_is_unpacked() {
        let entries = [
            ("p-1/dbt_project.yml", EntryType::Regular, "name: p"),
            ("p-1/macros/a.sql", EntryType::Regular, "x"),
            ("p-1/link.sql", EntryType::Symlink, "macros/a.sql"),
        ];
        let (_around, folder) = unpacked(&entries);
        let folder = folder.unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("link.sql")).unwrap(), "x");
    }

    #[test]
    fn nothing_is_written_outside() {
        for hostile in [
            vec![("../secret", EntryType::Regular, "new")],
            vec![("p/../../secret", EntryType::Regular, "new")],
            vec![("/tmp/secret-of-quern", EntryType::Regular, "new")],
            vec![
                ("p/link", EntryType::Symlink, "../../secret"),
                ("p/link", EntryType::Regular, "new"),
            ],
            vec![
                ("p/up", EntryType::Symlink, "/"),
                ("p/up/tmp/secret-of-quern", EntryType::Regular, "new"),
            ],
            vec![("p/a", EntryType::Symlink, ".."), ("p/a/../secret", EntryType::Regular, "new")],
            vec![("p/hard", EntryType::Link, "../secret")],
            vec![("p/device", EntryType::Char, "")],
        ] {
            let (around, result) = unpacked(&hostile);
            assert!(result.is_err(), "{hostile:?} gives {result:?}");
            assert_eq!(std::fs::read_to_string(around.path().join("secret")).unwrap(), "old");
            assert!(!Path::new("/tmp/secret-of-quern").exists());
        }
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let place = tempfile::tempdir().unwrap();
        assert!(unpack(b"<html>", place.path()).is_err());
        assert!(
            unpacked(&[("a/x", EntryType::Regular, ""), ("b/x", EntryType::Regular, "")])
                .1
                .is_err()
        );
    }
}
