//! What a template uses, as the graph keeps it: the calls that make edges, without spare room.

use std::sync::Arc;

use project::ConfigOptions;
use template::{Capture, InputsRead, RefCall, Reference, SourceCall};

/// What a template uses.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    /// The calls of `ref`, in order, repeated ones too, as in dbt's manifest.
    pub refs: Vec<RefCall>,
    /// The calls of `source`, in order, repeated ones too where dbt renders the text.
    pub sources: Vec<SourceCall>,
    /// The calls of `function`, in order, repeated ones too, as in dbt's manifest.
    pub functions: Vec<Vec<String>>,
    /// The metrics named, one or two names each, in order, without repetitions.
    pub metrics: Vec<Vec<String>>,
    /// The macros, by unique id, in order, without repetitions.
    pub macros: Vec<Arc<str>>,
    /// What `config(…)` says.
    pub config: ConfigOptions,
    /// What `config(…)` says as it is written, where `unrendered_config` has that rather than the values.
    pub written_config: ConfigOptions,
    /// What `unrendered_config` has instead of what `config(…)` says, unless a property file configures the node.
    pub last_config: ConfigOptions,
    /// The variables and environment variables.
    pub inputs: InputsRead,
}

impl From<Capture> for Uses {
    fn from(mut capture: Capture) -> Self {
        // There are tens of thousands of these: room for calls that never come would be most of the memory.
        capture.refs.shrink_to_fit();
        capture.sources.shrink_to_fit();
        capture.config.shrink_to_fit();
        capture.written_config.shrink_to_fit();
        capture.last_config.shrink_to_fit();
        let mut variables: Vec<String> = capture.vars.into_keys().collect();
        let mut environment: Vec<String> = capture.environment.into_iter().collect();
        variables.sort_unstable();
        environment.sort_unstable();
        Self {
            refs: capture.refs,
            sources: capture.sources,
            functions: capture.functions,
            metrics: capture.metrics,
            macros: capture.macros.into_iter().collect(),
            config: capture.config,
            written_config: capture.written_config,
            last_config: capture.last_config,
            inputs: InputsRead { variables, environment },
        }
    }
}

impl Uses {
    /// Takes in what another text of the same node uses.
    pub fn join(&mut self, more: Self) {
        for call in more.refs {
            self.add_ref(call);
        }
        for call in more.sources {
            self.add_source(call);
        }
        for id in more.macros {
            if !self.macros.contains(&id) {
                self.macros.push(id);
            }
        }
        for names in more.metrics {
            self.add(Reference::Metric(names));
        }
        self.functions.extend(more.functions);
        self.inputs.join(&more.inputs);
    }

    /// Takes in a reference written in YAML.
    pub fn add(&mut self, reference: Reference) {
        match reference {
            Reference::Ref(call) => self.add_ref(call),
            Reference::Source(call) => self.add_source(call),
            Reference::Metric(names) => {
                if !self.metrics.contains(&names) {
                    self.metrics.push(names);
                }
            }
        }
    }

    fn add_ref(&mut self, call: RefCall) {
        self.refs.reserve_exact(1);
        self.refs.push(call);
    }

    fn add_source(&mut self, call: SourceCall) {
        let is_known = self
            .sources
            .iter()
            .any(|known| (&known.source, &known.table) == (&call.source, &call.table));
        if !is_known {
            self.sources.reserve_exact(1);
            self.sources.push(call);
        }
    }
}
