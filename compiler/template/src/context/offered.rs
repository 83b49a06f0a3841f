//! Which of dbt's names a render has: descriptions, comments of queries and operations do not have all of them.

use std::sync::{Arc, LazyLock};

use super::names::{BASE_COUNT, BUILTINS};
use super::render_scope::{Phase, RenderScope};
use crate::language::MacroLibrary;

/// What dbt calls the context of a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Offered {
    /// Everything that the node has (`ProviderContext`).
    #[default]
    All,
    /// What has no graph to ask: comments of queries (`QueryHeaderContext`), with the macros of the project.
    Comment,
    /// What descriptions have (`DocsRuntimeContext`): no macros.
    Description,
    /// What blocks of documentation have: nothing but Jinja's own functions.
    Nothing,
}

/// A library for renders that see no macros.
static NO_MACROS: LazyLock<Arc<MacroLibrary>> =
    LazyLock::new(|| Arc::new(MacroLibrary::new([], "", &[])));

impl RenderScope {
    /// Whether the render has a name of dbt's.
    pub(crate) fn offers(&self, name: &str) -> bool {
        let is_base = || {
            BUILTINS[..BASE_COUNT].contains(&name)
                || matches!(name, "context" | "builtins" | "debug" | "session")
        };
        match self.offered {
            Offered::All => match name {
                "this" | "defer_relation" | "compiled_code" => !self.is_alone(),
                "source_node" => self.is_of_source(),
                _ => true,
            },
            Offered::Comment => is_base() || name == "context_macro_stack",
            Offered::Description => is_base(),
            Offered::Nothing => false,
        }
    }

    /// The macros that the render sees.
    pub(crate) fn library(&self) -> Arc<MacroLibrary> {
        match self.offered {
            Offered::All | Offered::Comment => self.shared.library.clone(),
            Offered::Description | Offered::Nothing => NO_MACROS.clone(),
        }
    }

    /// Whether it is a macro that is run by itself, and belongs to no node.
    fn is_alone(&self) -> bool {
        self.run().is_some_and(|run| run.node.is_alone())
    }

    fn is_of_source(&self) -> bool {
        match &self.phase {
            Phase::Run(run) => run.node.resource_type() == project::ResourceType::Source,
            Phase::Parse(_) | Phase::Name => false,
        }
    }
}
