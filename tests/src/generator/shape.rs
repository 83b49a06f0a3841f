//! Which model refers to which, and how each is built.

use super::GeneratorOptions;
use super::random::Random;

/// A view is bound together with all views under it. This many of them are still quick, and without a
/// bound the number grows with a power of the depth.
const MOST_VIEWS_UNDER_A_MODEL: usize = 24;
/// One in so many models reads from the source, also far down in the project.
const SOURCE_SHARE: usize = 12;
/// One in so many models is incremental.
const INCREMENTAL_SHARE: usize = 6;
/// References reach back over this many models, so that the graph becomes deep as well as broad.
const REACH: usize = 80;

/// How a model is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Materialized {
    /// As the folder says, which is a view.
    View,
    /// An incremental table.
    Incremental,
}

/// A model before its text is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelShape {
    /// The place of the model in the project, from 0.
    pub index: usize,
    /// The earlier models it refers to, one to three of them; none if it reads from the source.
    pub parents: Vec<usize>,
    /// How it is built.
    pub materialized: Materialized,
    /// The two macros it calls, by number.
    pub macros: [usize; 2],
}

/// The models of a project in an order in which each comes after those it refers to.
pub fn shapes(options: &GeneratorOptions) -> Vec<ModelShape> {
    let mut random = Random::new(options.seed);
    let mut shapes: Vec<ModelShape> = Vec::with_capacity(options.models);
    // How many views a query on the model binds, itself included.
    let mut views: Vec<usize> = Vec::with_capacity(options.models);
    for index in 0..options.models {
        let mut parents = Vec::new();
        if index > 0 && random.below(SOURCE_SHARE) > 0 {
            parents = draw_parents(index, &views, &mut random);
        }
        let materialized = if random.below(INCREMENTAL_SHARE) == 0 {
            Materialized::Incremental
        } else {
            Materialized::View
        };
        views.push(match materialized {
            Materialized::Incremental => 1,
            Materialized::View => 1 + parents.iter().map(|parent| views[*parent]).sum::<usize>(),
        });
        let macros = [random.below(options.macros.max(1)), random.below(options.macros.max(1))];
        shapes.push(ModelShape { index, parents, materialized, macros });
    }
    shapes
}

fn draw_parents(index: usize, views: &[usize], random: &mut Random) -> Vec<usize> {
    let reach = index.min(REACH);
    let mut parents = Vec::new();
    let mut bound = 0;
    for _ in 0..=random.below(3) {
        let parent = index - 1 - random.below(reach);
        if !parents.contains(&parent) && bound + views[parent] < MOST_VIEWS_UNDER_A_MODEL {
            bound += views[parent];
            parents.push(parent);
        }
    }
    parents.sort_unstable();
    parents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_refer_to_at_most_three_earlier_ones() {
        let options = GeneratorOptions { models: 500, ..GeneratorOptions::default() };
        for shape in shapes(&options) {
            assert!(shape.parents.len() <= 3);
            assert!(shape.parents.iter().all(|parent| *parent < shape.index));
        }
    }

    #[test]
    fn most_models_have_parents_and_some_are_incremental() {
        let options = GeneratorOptions { models: 500, ..GeneratorOptions::default() };
        let shapes = shapes(&options);
        let with_parents = shapes.iter().filter(|shape| !shape.parents.is_empty()).count();
        let incremental =
            shapes.iter().filter(|shape| shape.materialized == Materialized::Incremental).count();
        assert!(with_parents > 350, "{with_parents} of 500 have parents");
        assert!((50..150).contains(&incremental), "{incremental} of 500 are incremental");
    }
}
