//! From rendered text back to the template it came from.

use crate::span::Span;

/// Pieces of a rendered text, each with the place of the template that produced it.
///
/// Kept coarse on purpose: a piece is a stretch of literal template text or the output of one `{{ … }}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanMap {
    pieces: Vec<Piece>,
}

/// One stretch of rendered text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The first byte of the stretch in the rendered text.
    pub start: u32,
    /// The template text it came from.
    pub origin: Span,
    /// Whether the stretch is the template's text letter by letter, so that offsets carry over.
    pub is_verbatim: bool,
}

impl SpanMap {
    /// A map of pieces in the order of the rendered text.
    pub fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces }
    }

    /// Where the byte at `offset` of the rendered text comes from.
    pub fn origin_of(&self, offset: u32) -> Option<Span> {
        let index = self.pieces.partition_point(|piece| piece.start <= offset).checked_sub(1)?;
        let piece = self.pieces.get(index)?;
        if !piece.is_verbatim {
            return Some(piece.origin);
        }
        let start = (piece.origin.start + offset - piece.start).min(piece.origin.end);
        Some(Span { start, ..piece.origin })
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}
