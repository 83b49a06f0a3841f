//! Insertions into a template's text, and the way back from the edited text to what the user wrote.

/// What was changed between the text a user wrote and the text the engine runs.
///
/// The changes come in layers, each made on the result of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditList {
    layers: Vec<Vec<AppliedEdit>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AppliedEdit {
    /// Offset in the text before the edit.
    original: usize,
    removed: usize,
    inserted: usize,
}

impl EditList {
    /// The offset in the text as written that corresponds to `rewritten`, an offset in the text the engine saw.
    /// Inside inserted text it is the place of the insertion.
    pub fn unmap(&self, rewritten: usize) -> usize {
        self.layers.iter().rev().fold(rewritten, |offset, layer| unmap_layer(layer, offset))
    }

    pub(crate) fn push_prefix(&mut self, length: usize) {
        self.layers.push(vec![AppliedEdit { original: 0, removed: 0, inserted: length }]);
    }
}

fn unmap_layer(edits: &[AppliedEdit], offset: usize) -> usize {
    let mut shift: isize = 0;
    for edit in edits {
        let start = edit.original as isize + shift;
        let offset = offset as isize;
        if offset < start {
            break;
        }
        if offset < start + edit.inserted as isize {
            return edit.original + ((offset - start) as usize).min(edit.removed);
        }
        shift += edit.inserted as isize - edit.removed as isize;
    }
    (offset as isize - shift).max(0) as usize
}

/// Where an edit stands among others at the same offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Closes an expression that ends here.
    Close,
    /// Replaces text, or opens an expression that starts here.
    Open,
}

#[derive(Debug)]
struct Edit {
    offset: usize,
    place: Place,
    removed: usize,
    inserted: String,
}

/// Collects edits in any order and applies them at once.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    edits: Vec<Edit>,
}

impl Edits {
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Wraps `start..end`; of several that start at one offset the first recorded is the outermost.
    pub fn wrap(&mut self, start: usize, end: usize, open: &str) {
        self.insert(start, open);
        self.edits.push(Edit {
            offset: end,
            place: Place::Close,
            removed: 0,
            inserted: ")".to_owned(),
        });
    }

    pub fn insert(&mut self, offset: usize, text: impl Into<String>) {
        self.edits.push(Edit { offset, place: Place::Open, removed: 0, inserted: text.into() });
    }

    pub fn replace(&mut self, offset: usize, removed: usize, text: impl Into<String>) {
        self.edits.push(Edit { offset, place: Place::Open, removed, inserted: text.into() });
    }

    /// The edited text; one more layer is put onto `list`.
    pub fn apply(mut self, text: &str, list: &mut EditList) -> String {
        self.edits.sort_by_key(|edit| (edit.offset, edit.place));
        let mut result = String::with_capacity(text.len() + self.edits.len() * 6);
        let mut layer = Vec::with_capacity(self.edits.len());
        let mut position = 0;
        for edit in self.edits {
            result.push_str(&text[position..edit.offset]);
            result.push_str(&edit.inserted);
            position = edit.offset + edit.removed;
            layer.push(AppliedEdit {
                original: edit.offset,
                removed: edit.removed,
                inserted: edit.inserted.len(),
            });
        }
        result.push_str(&text[position..]);
        list.layers.push(layer);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::{EditList, Edits};

    #[test]
    fn offsets_find_their_way_back() {
        let mut list = EditList::default();
        let mut edits = Edits::default();
        edits.wrap(2, 5, "__l(");
        edits.replace(6, 1, ",");
        let text = edits.apply("a [1] + b", &mut list);
        assert_eq!(text, "a __l([1]) , b");
        assert_eq!(list.unmap(text.find("[1]").unwrap()), 2);
        assert_eq!(list.unmap(text.find('b').unwrap()), 8);
        assert_eq!(list.unmap(text.find(',').unwrap()), 6);
    }
}
