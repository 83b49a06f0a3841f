//! The documentation site: a folder of plain files, made in memory.
//!
//! It works from `file://`, from a bucket and below any path: all links are relative, and nothing is asked of another host.
//! `book` decides what has a page; `pages` has one file per kind of page; the rest are the parts they are made of.

use rayon::prelude::*;

mod book;
mod code;
mod drawing;
mod html;
mod input;
mod layout;
mod markdown;
mod neighbourhood;
mod pages;
mod search;
mod sections;
mod shell;
mod slug;
mod words;

pub use input::{ColumnOrigin, SiteInput, StripCell};

use book::Book;

/// The finished site, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// The files.
    pub files: Vec<SiteFile>,
}

/// One file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile {
    /// Below the site's folder, with `/` between its parts; ASCII without blanks.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Makes the site. The same input gives the same bytes, in the same order.
pub fn render(input: &SiteInput<'_>) -> Site {
    let book = Book::new(input);
    let mut files: Vec<SiteFile> = vec![
        file("assets/site.css", include_str!("../../../templates/site/site.css").to_owned()),
        file("assets/site.js", include_str!("../../../templates/site/site.js").to_owned()),
        file("assets/drawing.js", include_str!("../../../templates/site/drawing.js").to_owned()),
        file("assets/icon.svg", include_str!("../../../templates/site/icon.svg").to_owned()),
        file("index.html", pages::overview::render(&book)),
    ];
    files.extend(search::shards(&book).into_iter().map(|(path, text)| file(&path, text)));
    files.extend(pages::lists::render(&book).into_iter().map(|(path, text)| file(&path, text)));
    files.extend(pages::lineage::render(&book).into_iter().map(|(path, text)| file(&path, text)));
    files.par_extend(
        book.entries.par_iter().map(|entry| file(&entry.path, pages::render_entry(&book, entry))),
    );
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Site { files }
}

fn file(path: &str, text: String) -> SiteFile {
    SiteFile { path: path.to_owned(), bytes: text.into_bytes() }
}

#[cfg(test)]
mod tests;
