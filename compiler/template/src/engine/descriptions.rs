//! Descriptions with `{{ doc('…') }}` in them.

use std::sync::{Arc, Mutex};

use minijinja::Error;
use minijinja::value::Value as TemplateValue;
use source::{Diagnostic, Span, codes};

use super::Engine;
use crate::context::names::BUILTINS;
use crate::context::offered::Offered;
use crate::context::render_scope::{Phase, RenderScope, lock};
use crate::language::{RenderError, engine_function};
use crate::python::arguments::Arguments;
use crate::python::error::failure;

/// Finds a documentation block by package and name: its unique id and its contents.
pub type DocLookup = Arc<dyn Fn(Option<&str>, &str) -> Option<(String, String)> + Send + Sync>;

impl Engine {
    /// Renders the text of a documentation block, which as in dbt has nothing but Jinja's own functions.
    pub fn render_block(&self, text: &str, place: Option<Span>) -> Result<String, Diagnostic> {
        let mut scope = RenderScope::new(self.shared.clone(), Arc::from(""), Phase::Name);
        scope.offered = Offered::Nothing;
        // The engine has functions of dbt's too, which are everywhere but here.
        let of_dbt = BUILTINS.iter().filter(|name| engine_function(name).is_some());
        lock(&scope.extra)
            .extend(of_dbt.map(|name| ((*name).to_owned(), TemplateValue::UNDEFINED)));
        let scope = Arc::new(scope);
        self.rendered(text, &scope)
            .map_err(|error| self.diagnose(&error, Some(&scope), None).at_optional(place))
    }

    fn rendered(&self, text: &str, scope: &Arc<RenderScope>) -> Result<String, RenderError> {
        let globals = crate::context::names::globals(scope);
        let environment = self.shared.environment();
        crate::language::render(environment, &scope.library(), "<description>", text, &globals)
    }

    /// Renders a description: its text, and the unique ids of the documentation blocks it uses.
    pub fn render_description(
        &self,
        text: &str,
        package: &str,
        place: Option<Span>,
        lookup: &DocLookup,
    ) -> Result<(String, Vec<String>), Diagnostic> {
        if !project::renderer::is_template(text) {
            return Ok((text.to_owned(), Vec::new()));
        }
        let used: Arc<Mutex<Vec<String>>> = Arc::default();
        let missing: Arc<Mutex<Option<String>>> = Arc::default();
        let (find, seen, unknown) = (lookup.clone(), used.clone(), missing.clone());
        let doc = move |arguments: minijinja::value::Rest<TemplateValue>| -> Result<TemplateValue, Error> {
            let mut arguments = Arguments::new("doc", &arguments);
            let first = arguments.required_text("name")?;
            let second = arguments.take_text("name")?;
            let (package, name) = match &second {
                Some(name) => (Some(first.as_str()), name.as_str()),
                None => (None, first.as_str()),
            };
            if let Some((id, contents)) = find(package, name) {
                let mut seen = lock(&seen);
                if !seen.contains(&id) {
                    seen.push(id);
                }
                Ok(TemplateValue::from(contents))
            } else {
                *lock(&unknown) = Some(name.to_owned());
                Err(failure(format!("documentation for '{name}' not found")))
            }
        };
        let mut scope = RenderScope::new(self.shared.clone(), Arc::from(package), Phase::Name);
        scope.offered = Offered::Description;
        lock(&scope.extra).insert("doc".to_owned(), TemplateValue::from_function(doc));
        let scope = Arc::new(scope);
        match self.rendered(text, &scope) {
            Ok(text) => {
                let used = lock(&used).clone();
                Ok((text, used))
            }
            Err(error) => {
                let diagnostic = self.diagnose(&error, Some(&scope), None);
                Err(match lock(&missing).take() {
                    Some(name) => Diagnostic::error(
                        codes::DOC_NOT_FOUND,
                        format!("documentation block `{name}` does not exist"),
                    )
                    .at_optional(place),
                    None => diagnostic.at_optional(place),
                })
            }
        }
    }
}
